"The wheel that pip builds, what it says of itself, and what importing it costs"
import os,subprocess,sys
from configparser import ConfigParser
from email import message_from_string
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
if sys.version_info >= (3,11): import tomllib
else: import tomli as tomllib

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

@pytest.fixture(scope='module')
def run_installed(wheel, tmp_path_factory):
    "Run code on the unpacked wheel, away from the repository"
    away = tmp_path_factory.mktemp('away')
    wheel.extractall(away/'site')
    return lambda code: run('-c', code, cwd=away, env={**os.environ, 'PYTHONPATH': str(away/'site')}).replace(str(away), '')

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
    assert f"https://github.com/{settings['user']}/{settings['repo']}" in str(meta.get_all('Project-URL') or meta['Home-page'])

@pytest.mark.parametrize('name', ['torch','fastai'])
def test_torch_and_fastai_are_required_in_any_version(requires, name):
    found = [o for o in requires if o.name==name]
    assert found and not any(o.specifier or o.url for o in found), found

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

def test_pyproject_leaves_everything_but_the_name_to_settings_ini(checkout, settings):
    project = tomllib.loads((checkout/'pyproject.toml').read_text())['project']
    assert project.keys() == {'name','dynamic'} and project['name'] == settings['lib_name']

@pytest.mark.parametrize('code,unwanted', [
    ('from mnist_course.data import load_mnist', 'fastai matplotlib pandas IPython PIL torchvision fastbook nbdev')], ids=['load_mnist'])
def test_import_loads_no_more_than_it_needs(run_installed, code, unwanted):
    loaded = set(run_installed(f'{code}; import sys; print(*{{o.partition(".")[0] for o in sys.modules}})').split())
    assert 'torch' in loaded and not loaded & set(unwanted.split())
