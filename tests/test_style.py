"House style of the tools: lines below 120 columns, functions of one screen, and what fast.ai's own checker says"
import ast,subprocess,sys

import pytest

from conftest import ROOT

WIDTH,SCREEN,COMPLEX = 120,40,12
TOOLS = sorted(o for folder in ('checkup','exercises') for o in (ROOT/'mnist_course'/folder).glob('*.py'))
THEIR_TESTS = ['parts','blind_answers',*(f'test_{o}' for o in ('asked','assignments','blind_answers','check_command',
    'exercises','network_errors','products','seed_programs','style','teaching','time_limit','whole'))]
TESTS = sorted([*(ROOT/f'tests/{o}.py' for o in THEIR_TESTS), *(ROOT/'tests').glob('checkup/*.py')])
FORKS = ast.If,ast.IfExp,ast.For,ast.While,ast.ExceptHandler

def of_each(files): return pytest.mark.parametrize('path', files, ids=lambda o: o.name)

@of_each(TOOLS+TESTS)
def test_no_line_is_too_wide(path):
    lines = path.read_text(encoding='utf-8').splitlines()
    assert not [f'{path.name}:{n}: {len(l)}' for n,l in enumerate(lines, 1) if len(l)>=WIDTH]

def own_parts(f):
    "What a function consists of, without the functions inside of it"
    for o in ast.iter_child_nodes(f):
        if isinstance(o, (ast.FunctionDef,ast.Lambda,ast.ClassDef)): continue
        yield o
        yield from own_parts(o)

def complexity(f):
    "Ways through a function: one, and one more for each place where it forks"
    return 1 + sum(isinstance(o, FORKS) for o in own_parts(f))

@of_each(TOOLS)
def test_functions_fit_on_a_screen_and_fork_seldom(path):
    found = [o for o in ast.walk(ast.parse(path.read_text(encoding='utf-8'))) if isinstance(o, ast.FunctionDef)]
    long = [(o.name, o.end_lineno-o.lineno+1) for o in found if o.end_lineno-o.lineno+1 > SCREEN]
    tangled = [(o.name, complexity(o)) for o in found if complexity(o) >= COMPLEX]
    assert not long+tangled

def test_their_checker_finds_nothing_beside_what_pyproject_ignores():
    pytest.importorskip('chkstyle', reason='fastaistyle is not installed: pip install -e .[dev]')
    command = [sys.executable,'-c','from chkstyle import cli; cli()','--show-rule']
    done = subprocess.run([*command,*map(str, TOOLS)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode==0, done.stdout+done.stderr
