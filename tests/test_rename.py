"The course under another name: `tools/rename.py` takes all of it there and back, and settings.ini may hold what it likes"
import re,subprocess,sys

import pytest

from conftest import ROOT

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

def content(folder): return {o.relative_to(folder): o.read_bytes() for o in folder.rglob('*') if o.is_file() and '.git' not in o.parts}

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
    said = run(clone, '-m', 'pytest', '-n', '0', '-q', '-p', 'no:cacheprovider', *HOUSE_TESTS, '-k', HOLD_IT)
    assert re.search(r'\b\d+ passed', said) and 'failed' not in said, said
    after = content(clone)
    clone_line = 'git clone https://github.com/{user}/{repo} && cd {repo}\n'.format(**OTHER).encode()
    assert all(clone_line in after[k] for k in after if k.name in ('README.md','CONTRIBUTING.md') and len(k.parts)==1)
    old = re.compile(r'{user}/{repo}|{user}\.github\.io|\.\./{repo}/nbs/'.format(**{k: re.escape(v) for k,v in settings.items()}).encode())
    assert [str(k) for k,v in after.items() if old.search(v)] == []
    set_values(clone, **{o: settings[o] for o in OTHER})
    rename(clone)
    back = {k: v for k,v in content(clone).items() if '__pycache__' not in k.parts}
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
    others = ['https://github.com/{user}/{repo}-solutions'.format(**settings), 'https://github.com/fastai/fastbook/blob/main/nbs/x',
        'https://colab.research.google.com/github/fastai/fastai/blob/main/nbs/23_tutorial.vision.ipynb']
    page.write_text(page.read_text(encoding='utf-8') + '\n'.join(others), encoding='utf-8')
    set_values(clone, **OTHER)
    rename(clone)
    assert page.read_text(encoding='utf-8').endswith('\n'.join(others))

@pytest.mark.parametrize('key,value', [('user','Ada L'), ('repo','a/b'), ('repo',''), ('branch','main)')])
def test_what_cannot_be_a_name_is_refused_before_anything_changes(clone, key, value):
    set_values(clone, **{key: value})
    before = content(clone)
    done = subprocess.run([sys.executable,'tools/rename.py'], cwd=clone, capture_output=True, text=True)
    assert done.returncode==1 and f'settings.ini: {key} is {value!r}, and must be' in done.stderr
    assert content(clone)==before

PERCENT = "A classifier that is right for 99% of %(digits)s"
READERS = {'setup.py': ['setup.py','--description'], 'site/conf.py': ['-c', "import sys; sys.path.insert(0, 'site'); import conf; print(conf.cfg['description'])"],
    'tests/conftest.py': ['-c', "import sys; sys.path.insert(0, 'tests'); import conftest; print(conftest.settings.__wrapped__()['description'])"],
    '__version__': ['-c', "import mnist_course; print(mnist_course.__version__, mnist_course.__file__)"], 'tools/rename.py': ['tools/rename.py']}

@pytest.mark.parametrize('reader', READERS)
def test_percent_signs_in_settings_ini_are_themselves(clone, reader, settings):
    set_values(clone, description=PERCENT, version='9.9')
    said = run(clone, *READERS[reader]).strip()
    expected = {'__version__': f"9.9 {clone/'mnist_course/__init__.py'}", 'tools/rename.py': 'files changed: 0'}.get(reader, PERCENT)
    assert said.splitlines()[-1]==expected

def test_every_reader_of_settings_ini_is_tried_with_percent_signs():
    names = subprocess.check_output(['git','ls-files','-co','--exclude-standard','*.py'], cwd=ROOT, text=True).split()
    found = {o for o in names if (ROOT/o).is_file() and re.search(r"\.read\(.*settings\.ini'", (ROOT/o).read_text(encoding='utf-8'))}
    assert found == READERS.keys() - {'__version__'} | {'mnist_course/__init__.py'}
