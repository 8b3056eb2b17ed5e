"Package metadata for setuptools, read from settings.ini"
import re
from configparser import ConfigParser
from pathlib import Path

from setuptools import setup

here = Path(__file__).parent
config = ConfigParser(interpolation=None) # a % is a %
config.read(here/'settings.ini', encoding='utf-8')
cfg = config['DEFAULT']
name,user,repo,branch = (cfg[o] for o in ('lib_name','user','repo','branch'))
url = f'https://github.com/{user}/{repo}'
notebooks, jupyter, grade, distributed, demo, site, dev = (cfg[f'{o}_requirements'].split()
    for o in ('notebooks', 'jupyter', 'grade', 'distributed', 'demo', 'site', 'dev'))
notebooks += distributed # chapter 09 shows it

def absolute(m):
    "A link of the README, as it is needed on a page away from the repository"
    return f'{m[1]}({url}/{"raw" if m[1][0]=="!" else "blob"}/{branch}/{m[2]})'

readme = re.sub(r'(!?\[[^][]*\])\((?!https?:|#)([^)]+)\)', absolute, (here/'README.md').read_text(encoding='utf-8'))

setup(
    name=name, version=cfg['version'], description=cfg['description'], keywords=cfg['keywords'].split(),
    author=cfg['author'], license_expression=cfg['license'], license_files=['LICENSE', f'{name}/MNIST.md'], url=url,
    project_urls=dict(Source=url, Documentation=f'https://{user}.github.io/{repo}/', Issues=f'{url}/issues',
        Changelog=f'{url}/blob/{branch}/CHANGELOG.md'),
    long_description=readme, long_description_content_type='text/markdown',
    python_requires='>=' + cfg['min_python'],
    packages=[name, f'{name}.exercises', f'{name}.checkup'], package_data={name: ['mnist.npz', 'MNIST.md']},
    install_requires=cfg['requirements'].split(),
    extras_require=dict(notebooks=notebooks, jupyter=notebooks + jupyter, grade=notebooks + jupyter + grade,
        distributed=distributed, demo=demo, site=notebooks + site, dev=notebooks + jupyter + grade + demo + site + dev),
    entry_points=dict(console_scripts=[f'{name}={name}.__main__:main'], nbdev=[f'{name}={name}._modidx:d']),
    classifiers=['Intended Audience :: Education', 'Programming Language :: Python :: 3',
        *(f'Programming Language :: Python :: 3.{o}' for o in (11, 12, 13))],
)
