"What several test files share"
import gc,os,re,shutil,subprocess
from configparser import ConfigParser
from dataclasses import replace
from pathlib import Path

import pytest

os.environ.setdefault('OMP_NUM_THREADS', '1') # two processes share two cores
os.environ.setdefault('MALLOC_MMAP_THRESHOLD_', '16000000') # bytes; glibc then gives back what a tensor held
ROOT = Path(__file__).parents[1]
PATIENCE = 300 # Seconds that a page or a process may take on a busy machine: only what hangs takes longer

LONGEST = ['test_site.py','test_assignments.py','test_teaching.py','test_loss.py','test_training.py','test_data.py',
    'test_predict.py'] # a minute or more each

def pytest_collection_modifyitems(items):
    "The longest files first, so that at the end no process waits long for the other"
    items.sort(key=lambda o: LONGEST.index(o.path.name) if o.path.name in LONGEST else len(LONGEST))

@pytest.fixture(autouse=True, scope='module')
def tidy():
    "What a file leaves in cycles, as a `Learner` is one, doesn't stay until the last"
    yield
    gc.collect()

@pytest.fixture(scope='session')
def settings():
    "`settings.ini`, as a dict"
    cfg = ConfigParser(interpolation=None)
    cfg.read(ROOT/'settings.ini', encoding='utf-8')
    return dict(cfg['DEFAULT'])

@pytest.fixture(scope='module')
def checkout(tmp_path_factory):
    "A copy of the repository as git sees it, with what is not committed yet and without what is ignored"
    dest = tmp_path_factory.mktemp('checkout')
    names = subprocess.check_output(['git','ls-files','-coz','--exclude-standard'], cwd=ROOT, text=True).split('\0')
    for o in names:
        if not (ROOT/o).is_file(): continue
        (dest/o).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT/o, dest/o)
    return dest

@pytest.fixture(scope='session')
def browser():
    "Playwright's `Browser`: the chromium of this machine, without a window"
    path = next(filter(None, map(shutil.which, ('chromium','chromium-browser','google-chrome'))), None)
    if not path: (pytest.fail if os.environ.get('CI') else pytest.skip)('there is no chromium: apt-get install chromium')
    from playwright.sync_api import sync_playwright
    with sync_playwright() as p:
        res = p.chromium.launch(executable_path=path, args=['--no-sandbox']*(os.geteuid()==0))
        yield res
        res.close()

@pytest.fixture(scope='session')
def trained(tmp_path_factory, worker_id):
    """The folder that holds the weights of the models; those for ten digits have trained for two epochs at most

    All processes of a test run share it: `trained.parents[1]` is its `XDG_CACHE_HOME`."""
    from mnist_course import models
    base = tmp_path_factory.getbasetemp()
    home = (base if worker_id=='master' else base.parent)/'cache'
    with pytest.MonkeyPatch.context() as m:
        m.setenv('XDG_CACHE_HOME', str(home))
        m.setattr(models, 'MODELS', [replace(o, epochs=min(o.epochs, 2 if len(o.digits)>2 else 40)) for o in models.MODELS])
        folder = models.weights_folder()
        models.load_models(folder)
    return folder

def readme_block(name, n=1):
    "The `n`th code block after the comment `name` in the README"
    return re.findall(r'^```\w*\n(.*?)^```', (ROOT/'README.md').read_text(encoding='utf-8').split(f'<!-- {name} -->')[1], flags=re.M|re.S)[n-1]
