"The course under another name: `tools/rename.py` takes all of it there and back. And percent signs in settings.ini"
import re,subprocess,sys
from pathlib import Path

import pytest

from conftest import ROOT

PYTEST = '-m','pytest','-q','-n','0','-p','no:cacheprovider'
OTHER = dict(user='ada-l', repo='nets.in-2_days', branch='course-2027')
# The tests that hold an address, or learners' versions to their masters
HOUSE_TESTS = ['tests/test_notebooks.py','tests/test_readme.py','tests/test_assignments.py','tests/test_release.py']
HOLD_IT = 'badge or installs_the_course or listed_in_order or learners_version_is or links or citation or changelog'

def run(folder, *args):
    "Run Python in `folder`; what it says"
    done = subprocess.run([sys.executable, *args], cwd=folder, capture_output=True, text=True)
    assert done.returncode==0, done.stdout+done.stderr
    return done.stdout

def rename(folder): return run(folder, 'tools/rename.py')

def set_values(folder, **values):
    "Put other values into the settings.ini of `folder`"
    path = folder/'settings.ini'
    text = path.read_text(encoding='utf-8')
    for key,value in values.items():
        text,n = re.subn(rf'^{key} = .*$', f'{key} = {value}', text, flags=re.M)
        assert n==1, key
    path.write_text(text, encoding='utf-8')

def content(folder):
    "What the files of `folder` hold, but for those of git and of Python"
    paths = [o for o in folder.rglob('*') if o.is_file() and not {'.git','__pycache__'} & {*o.parts}]
    return {o.relative_to(folder): o.read_bytes() for o in paths}

@pytest.fixture
def clone(checkout):
    "A clone of the repository as it is, which holds again what it held when the test ends"
    subprocess.run(['git','init','-q'], cwd=checkout, check=True)
    before = content(checkout)
    yield checkout
    for path,data in before.items(): (checkout/path).write_bytes(data)

def test_another_name_reaches_every_place_and_the_way_back_leaves_no_diff(clone, settings):
    before = content(clone)
    set_values(clone, **OTHER)
    rename(clone)
    said = run(clone, *PYTEST, *HOUSE_TESTS, '-k', HOLD_IT)
    assert re.search(r'\b\d+ passed', said) and 'failed' not in said, said
    after = content(clone)
    clone_line = 'git clone https://github.com/{user}/{repo} && cd {repo}\n'.format(**OTHER).encode()
    assert all(clone_line in after[Path(o)] for o in ('README.md','CONTRIBUTING.md'))
    old = [o.format(**settings).encode() for o in ('{user}/{repo}','{user}.github.io','../{repo}/nbs/')]
    assert [str(k) for k,v in after.items() if any(o in v for o in old)] == []
    set_values(clone, **{o: settings[o] for o in OTHER})
    rename(clone)
    back = content(clone)
    assert [str(k) for k in back.keys()|before.keys() if back.get(k)!=before.get(k)] == []

def test_second_run_finds_nothing_and_a_chapter_taken_over_later_follows(clone):
    chapter = clone/'nbs/00_data.ipynb'
    theirs = chapter.read_bytes()
    set_values(clone, **OTHER)
    rename(clone)
    ours = chapter.read_bytes()
    assert rename(clone)=='files changed: 0\n'
    chapter.write_bytes(theirs)
    assert 'files changed: 1\n' in rename(clone) and chapter.read_bytes()==ours!=theirs

def test_links_to_other_repositories_stay(clone, settings):
    page = clone/'TEACHING.md'
    others = ['https://github.com/{user}/{repo}-solutions'.format(**settings),
        'https://github.com/fastai/fastbook/blob/main/nbs',
        'https://colab.research.google.com/github/fastai/fastai/blob/main/nbs/23_tutorial.vision.ipynb']
    page.write_text(page.read_text(encoding='utf-8') + '\n'.join(others), encoding='utf-8')
    set_values(clone, **OTHER)
    rename(clone)
    assert page.read_text(encoding='utf-8').endswith('\n'.join(others))

@pytest.mark.parametrize('key,value', [('user','Ada L'), ('user','50%'), ('repo','a/b'), ('repo',''), ('branch','main)')])
def test_what_cannot_be_a_name_is_refused_before_anything_changes(clone, key, value):
    set_values(clone, **{key: value})
    before = content(clone)
    done = subprocess.run([sys.executable,'tools/rename.py'], cwd=clone, capture_output=True, text=True)
    assert done.returncode==1 and f'settings.ini: {key} is {value!r}, and must be' in done.stderr
    assert content(clone)==before

PERCENT = "A classifier that is right for 99% of %(digits)s"
# How each reader of settings.ini is run, and what it must say
READERS = {
    'setup.py': (['setup.py','--description'], PERCENT),
    'site/conf.py': (['-c', "import runpy; print(runpy.run_path('site/conf.py')['cfg']['description'])"], PERCENT),
    'tests/conftest.py': ([*PYTEST,'tests/test_release.py','-k','changelog_begins'], '1 passed'),
    'mnist_course/__init__.py': (['-c', "import mnist_course; print(mnist_course.__version__)"], '0.1%'),
    'tools/rename.py': (['tools/rename.py'], 'files changed: 0'),
}

@pytest.mark.parametrize('args,expected', READERS.values(), ids=READERS)
def test_percent_signs_in_settings_ini_are_themselves(clone, args, expected):
    set_values(clone, description=PERCENT)
    if '__version__' in args[-1]: set_values(clone, version='0.1%')
    assert expected in run(clone, *args).splitlines()[-1]

def test_every_reader_of_settings_ini_is_tried_with_percent_signs(clone):
    files = content(clone).items()
    found = {str(k) for k,v in files if k.suffix=='.py' and re.search(rb"\.read\(.*settings\.ini'", v)}
    assert found == READERS.keys()
