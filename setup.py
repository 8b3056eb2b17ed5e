"Package metadata for setuptools, read from settings.ini"
from configparser import ConfigParser
from pathlib import Path

from setuptools import setup

here = Path(__file__).parent
config = ConfigParser()
config.read(here/'settings.ini', encoding='utf-8')
cfg = config['DEFAULT']
name, url = cfg['lib_name'], f"https://github.com/{cfg['user']}/{cfg['repo']}"
notebooks, jupyter, grade, distributed, demo, site, dev = (cfg[f'{o}_requirements'].split()
    for o in ('notebooks', 'jupyter', 'grade', 'distributed', 'demo', 'site', 'dev'))
notebooks += distributed # chapter 09 shows it

setup(
    name=name, version=cfg['version'], description=cfg['description'], keywords=cfg['keywords'].split(),
    author=cfg['author'], license_expression=cfg['license'], license_files=['LICENSE', f'{name}/MNIST.md'], url=url,
    long_description=(here/'README.md').read_text(encoding='utf-8'), long_description_content_type='text/markdown',
    python_requires='>=' + cfg['min_python'],
    packages=[name, f'{name}.checks'], package_data={name: ['mnist.npz', 'MNIST.md']},
    install_requires=cfg['requirements'].split(),
    extras_require=dict(notebooks=notebooks, jupyter=notebooks + jupyter, grade=notebooks + jupyter + grade,
        distributed=distributed, demo=demo, site=notebooks + site, dev=notebooks + jupyter + grade + demo + site + dev),
    entry_points=dict(console_scripts=[f'{name}={name}.__main__:main'], nbdev=[f'{name}={name}._modidx:d']),
    classifiers=['Intended Audience :: Education', 'Programming Language :: Python :: 3'],
)
