"The command `mnist_course`: its table, its arguments, and what it needs to start"
import platform,re,socket,subprocess,sys
from importlib import metadata

import pytest

from conftest import ROOT,readme_block
from mnist_course import __main__ as command,models
from mnist_course.data import load_mnist

def run(*args, **kwargs):
    "Run the command in a process of its own"
    return subprocess.run([sys.executable,'-m','mnist_course',*args], capture_output=True, text=True, **kwargs)

ROW = r'\s*(\d\d)\s+(.*?)\s+([\d,]+)\s+(\d+)\s+(0\.\d{4})\s+[\d.]+'

def read(table):
    "`{(chapter, model, parameters, epochs): accuracy}` from a printed table"
    head,*rows = table.strip().splitlines()
    assert head.split() == 'chapter model parameters epochs validation accuracy seconds'.split()
    return {m[:4]: float(m[4]) for m in (re.fullmatch(ROW, o).groups() for o in rows)}

@pytest.mark.parametrize('args,expected', [(['--epochs','0'], 'a whole number from 1'), (['--epochs','ten'], 'a whole number from 1'),
    (['--seed','-1'], '--seed'), (['--seed','4294967296'], 'a whole number from 0 to 4294967295'), (['--device','gpu'], "'cpu', 'cuda', 'mps'"),
    (['train'], 'unrecognized arguments: train'), (['--epoch'], '--epochs')], ids=' '.join)
def test_wrong_argument_exits_with_2_and_one_clear_line(args, expected):
    done = run(*args)
    assert done.returncode==2 and done.stdout==''
    assert len(done.stderr.splitlines())==1 and expected in done.stderr, done.stderr

@pytest.mark.parametrize('device', ['cuda','mps'])
def test_device_that_is_not_there_is_a_wrong_argument(device, monkeypatch, capsys):
    import torch
    if getattr(torch, device).is_available(): pytest.skip(f'this machine has {device}')
    monkeypatch.setattr(sys, 'argv', ['mnist_course','--device',device])
    with pytest.raises(SystemExit) as e: command.main()
    said = capsys.readouterr().err
    assert (e.value.code,len(said.splitlines())) == (2,1) and f'no {device}' in said

def without_torch(option):
    "What the command says to an option that makes it exit, having imported nothing large"
    code = ("import sys\nfrom mnist_course.__main__ import main\nsys.argv = ['mnist_course',sys.argv[1]]\n"
        "try: main()\nfinally: print({'torch','fastai','pandas','numpy'} & {*sys.modules})")
    done = subprocess.run([sys.executable,'-c',code,option], capture_output=True, text=True)
    assert done.returncode==0 and done.stdout.endswith('set()\n'), done.stdout+done.stderr
    return done.stdout.removesuffix('set()\n')

def test_help_names_every_option_and_starts_without_torch():
    said = ' '.join(without_torch('--help').split())
    assert all(o in said for o in ('--seed','--device','--epochs','--help','--version','mnist_course check','mnist_course bench','mnist_course predict','mnist_course demo'))

def test_version_names_what_a_report_needs_and_starts_without_torch(settings):
    python,torch,fastai = platform.python_version(),metadata.version('torch'),metadata.version('fastai')
    assert without_torch('--version').startswith(f"mnist_course {settings['version']}, Python {python}, torch {torch}, fastai {fastai}, ")

def test_version_says_which_requirement_is_missing(monkeypatch):
    def missing(name): raise metadata.PackageNotFoundError(name)
    monkeypatch.setattr(metadata, 'version', missing)
    assert 'no torch, no fastai' in command.versions()

def test_one_seed_gives_one_table_another_seed_another_and_nobody_asks_the_network(monkeypatch, capsys):
    import torch
    torch.set_num_threads(1) # with more, sums may be taken in another order
    def connect(*args, **kwargs): raise AssertionError('the network was asked')
    monkeypatch.setattr(socket.socket, 'connect', connect)
    few = [o for o in models.MODELS if o.name in ('pixel similarity','linear, by hand',"simple_net, fastai's Learner",'ten digits, small convnet')]
    monkeypatch.setattr(models, 'MODELS', few)
    monkeypatch.setattr(models, 'load_mnist', lambda *args: [o[:6000] for o in load_mnist(*args)])
    def table(seed):
        command.train(seed=seed, epochs=1)
        return read(capsys.readouterr().out)
    first = table(0)
    assert first == table(0) != table(1)
    assert len(first) == len(few)

@pytest.mark.slow
def test_default_run_prints_the_table_in_the_readme():
    done = run(cwd=ROOT/'tests')
    assert done.returncode==0 and done.stderr=='', done.stderr
    ours,readme = read(done.stdout),read(readme_block('main job', 2))
    assert ours == pytest.approx(readme, abs=0.003), f'put the new table into README.md:\n{done.stdout}'

def test_failure_on_a_terminal_is_shown_and_leaves_the_terminal_open(monkeypatch):
    pty = pytest.importorskip('pty', reason='a terminal in a test is POSIX')
    master,slave = pty.openpty()
    with open(slave, 'w') as terminal:
        monkeypatch.setattr(sys, 'stderr', terminal)
        monkeypatch.setattr(models, 'MODELS', [models.Model('99', 'broken', 1, lambda device,epochs: 1/0)])
        for _ in range(2):
            with pytest.raises(ZeroDivisionError): command.train()
        assert not terminal.closed
