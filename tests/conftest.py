"What several test files share"
import os,re,shutil,subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

os.environ.setdefault('OMP_NUM_THREADS', '1') # two processes share two cores
ROOT = Path(__file__).parents[1]

LONGEST = ['test_assignments.py','test_teaching.py','test_sanity.py','test_check_command.py'] # seconds or minutes each

def pytest_collection_modifyitems(items):
    "The longest files first, so that at the end no process waits long for the other"
    items.sort(key=lambda o: LONGEST.index(o.path.name) if o.path.name in LONGEST else len(LONGEST))

@pytest.fixture(scope='session')
def settings():
    "`settings.ini`, as a dict"
    cfg = ConfigParser()
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

def readme_block(name, n=1):
    "The `n`th code block after the comment `name` in the README"
    return re.findall(r'^```\w*\n(.*?)^```', (ROOT/'README.md').read_text(encoding='utf-8').split(f'<!-- {name} -->')[1], flags=re.M|re.S)[n-1]
