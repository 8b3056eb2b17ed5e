import warnings

# fastai 2.8 scripts two functions while it is imported, and torch 2.15 warns of that: nothing its user can act on.
warnings.filterwarnings('ignore', message='`torch.jit.script` is deprecated', category=FutureWarning)

def __getattr__(name):
    "`__version__`: that of `settings.ini` in a source tree (the installed one may be older), else the installed one"
    if name!='__version__': raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from configparser import ConfigParser
    from importlib.metadata import version
    from pathlib import Path
    config = ConfigParser(interpolation=None)
    config.read(Path(__file__).parents[1]/'settings.ini', encoding='utf-8')
    cfg = config['DEFAULT']
    return cfg['version'] if cfg.get('lib_name')==__name__ else version(__name__)
