"The wheel that pip builds, what it says of itself, and what importing it costs"
import os,re,subprocess,sys,tarfile,tomllib
from configparser import ConfigParser
from email import message_from_string
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from conftest import ROOT

TOOLS = {'nbdev','pytest','fastbook','jupyterlab','ipywidgets'}

def run(*args, **kwargs):
    done = subprocess.run([sys.executable, *args], capture_output=True, text=True, **kwargs)
    assert done.returncode==0, done.stdout+done.stderr
    return done.stdout.strip()

def has_setuptools(at_least=77):
    try: return int(version('setuptools').split('.')[0]) >= at_least
    except ImportError: return False

@pytest.fixture(scope='module')
def wheel(checkout, tmp_path_factory):
    "The wheel, built by pip from a copy; with a setuptools of our own that needs no network"
    dest = tmp_path_factory.mktemp('wheel')
    run('-m', 'pip', 'wheel', checkout, '--no-deps', '-q', '-w', dest, *['--no-build-isolation']*has_setuptools())
    path, = dest.iterdir()
    with ZipFile(path) as z: yield z

def unpack(wheel, away):
    "Unpack a wheel into `away/site`: a function that runs Python on it, away from the repository"
    wheel.extractall(away/'site')
    def f(*args): return run(*args, cwd=away, env={**os.environ, 'PYTHONPATH': str(away/'site')}).replace(str(away), '')
    return f

@pytest.fixture(scope='module')
def run_installed(wheel, tmp_path_factory):
    "Run code on the unpacked wheel"
    f = unpack(wheel, tmp_path_factory.mktemp('away'))
    return lambda code: f('-c', code)

@pytest.fixture(scope='module')
def info(wheel):
    "Text of a file in the wheel's `dist-info`"
    def f(name): return wheel.read(next(o for o in wheel.namelist() if o.endswith(f'.dist-info/{name}'))).decode()
    return f

@pytest.fixture(scope='module')
def meta(info): return message_from_string(info('METADATA'))

@pytest.fixture(scope='module')
def requires(meta): return [Requirement(o) for o in meta.get_all('Requires-Dist')]

def test_wheel_holds_every_module_the_data_and_nothing_else(wheel, checkout):
    names = [o for o in wheel.namelist() if '.dist-info/' not in o]
    assert sorted(names) == sorted(o.relative_to(checkout).as_posix() for o in (checkout/'mnist_course').rglob('*') if o.is_file())
    assert {'mnist_course/mnist.npz','mnist_course/MNIST.md','mnist_course/data.py'} < set(names)

def test_wheel_declares_the_command_and_carries_both_licences(wheel, info, settings):
    scripts = ConfigParser()
    scripts.read_string(info('entry_points.txt'))
    name = settings['lib_name']
    assert dict(scripts['console_scripts']) == {name: f'{name}.__main__:main'}
    assert {Path(o).name for o in wheel.namelist() if '.dist-info/licenses/' in o} == {'LICENSE','MNIST.md'}

def test_metadata_is_that_of_settings_ini(meta, settings):
    keys = {'Name':'lib_name', 'Version':'version', 'Summary':'description', 'Author':'author'}
    assert {o: meta[o] for o in keys} == {o: settings[k] for o,k in keys.items()}
    assert (meta['License-Expression'] or meta['License']) == settings['license']
    assert meta['Requires-Python'] == f">={settings['min_python']}"
    assert meta['Keywords'].split(',') == settings['keywords'].split()
    url = 'https://github.com/{user}/{repo}'.format(**settings)
    urls = dict(o.split(', ') for o in meta.get_all('Project-URL'))
    assert urls['Source']==url and urls['Changelog']==f"{url}/blob/{settings['branch']}/CHANGELOG.md"
    assert urls['Documentation']=='https://{user}.github.io/{repo}/'.format(**settings) and urls['Issues']==f'{url}/issues'

def test_classifiers_begin_with_the_oldest_python(meta, settings):
    pythons = [o.split(' :: ')[-1] for o in meta.get_all('Classifier') if 'Python ::' in o]
    found = [o for o in pythons if '.' in o]
    assert found[0]==settings['min_python'] and found==['3.11','3.12','3.13']

def test_links_of_the_description_lead_to_the_repository(meta, settings):
    "Where the README is shown away from it, as on a package's page"
    start = 'https://github.com/{user}/{repo}/'.format(**settings)
    links = re.findall(r'\]\((.*?)\)', meta.get_payload())
    assert [o for o in links if not o.startswith(('https://','#'))] == []
    wanted = 'blob/{branch}/nbs/00_data.ipynb','raw/{branch}/nbs/images/result.png'
    assert {start + o.format(**settings) for o in wanted} <= {*links}

@pytest.mark.parametrize('name', ['torch','fastai'])
def test_torch_and_fastai_are_required_in_any_version(requires, name):
    found = [o for o in requires if o.name==name]
    assert found and not any(o.specifier or o.url for o in found), found

def test_oldest_torch_is_that_of_the_readme_and_of_the_colab_environment(settings):
    pins = (ROOT/'tests/colab/constraints.txt').read_text(encoding='utf-8')
    assert re.search(r'^torch==(\d+\.\d+)\.', pins, flags=re.M)[1] == settings['oldest_torch']
    assert f"PyTorch {settings['oldest_torch']}, the oldest that we support" in (ROOT/'README.md').read_text(encoding='utf-8')

def test_tools_come_only_with_the_extras(requires, settings):
    plain = {o.name for o in requires if not o.marker}
    assert plain == set(settings['requirements'].split()) and not plain & TOOLS
    assert TOOLS <= {o.name for o in requires}
    for extra,absent in (('notebooks',TOOLS-{'fastbook','ipywidgets'}), ('jupyter',{'nbdev','pytest'}), ('dev',set())):
        assert TOOLS-absent == TOOLS & {o.name for o in requires if o.marker and o.marker.evaluate(dict(extra=extra))}

def test_unpacked_wheel_works_away_from_the_repository(run_installed):
    out = run_installed('import mnist_course.data as d; print(d.__file__, *d.load_mnist("test", 3)[0].shape)')
    assert out == '/site/mnist_course/data.py 1010 28 28'

def test_unpacked_wheel_runs_the_command(run_installed):
    out = run_installed("import sys; from mnist_course.__main__ import main; sys.argv = ['mnist_course','--help']; main()")
    assert out.startswith('usage: mnist_course') and '--epochs' in out

def test_unpacked_wheel_says_its_version_without_settings_ini(run_installed, settings):
    assert run_installed('import mnist_course; print(mnist_course.__version__)') == settings['version']

@pytest.mark.slow # what the wheel of the repository does is tested above
def test_sdist_makes_the_same_wheel_which_works_elsewhere(checkout, wheel, tmp_path, settings):
    build = 'import sys; from setuptools.build_meta import build_sdist; print(build_sdist(sys.argv[1]))'
    path = tmp_path/run('-c', build, tmp_path, cwd=checkout).splitlines()[-1]
    with tarfile.open(path) as t: names = {o.partition('/')[2] for o in t.getnames()}
    assert {'settings.ini','setup.py','pyproject.toml','README.md','CHANGELOG.md','LICENSE'} <= names
    assert not [o for o in names if o.startswith(('tests','nbs','site'))]
    run('-m', 'pip', 'wheel', path, '--no-deps', '--no-build-isolation', '-q', '-w', tmp_path)
    with ZipFile(next(tmp_path.glob('*.whl'))) as z:
        assert {o.filename: o.CRC for o in z.infolist()} == {o.filename: o.CRC for o in wheel.infolist()}
        elsewhere = unpack(z, tmp_path)
    assert elsewhere('-m', 'mnist_course', '--version').startswith(f"mnist_course {settings['version']}, Python ")
    assert elsewhere('-c', 'from mnist_course.data import load_mnist; print(*load_mnist("train", 3)[0].shape)') == '6131 28 28'

def test_pyproject_leaves_everything_but_the_name_to_settings_ini(checkout, settings):
    project = tomllib.loads((checkout/'pyproject.toml').read_text(encoding='utf-8'))['project']
    assert project.keys() == {'name','dynamic'} and project['name'] == settings['lib_name']

@pytest.mark.parametrize('code,unwanted', [
    ('from mnist_course.data import load_mnist', 'fastai matplotlib pandas IPython PIL torchvision fastbook nbdev')], ids=['load_mnist'])
def test_import_loads_no_more_than_it_needs(run_installed, code, unwanted):
    loaded = set(run_installed(f'{code}; import sys; print(*{{o.partition(".")[0] for o in sys.modules}})').split())
    assert 'torch' in loaded and not loaded & set(unwanted.split())

def test_check_setup_is_still_found_where_it_was_before_0_2():
    from mnist_course import checkup,sanity
    for name in ('check_setup','Report'):
        assert getattr(sanity, name) is getattr(checkup, name) and name in sanity.__all__
