"The script that runs the course on Colab's packages, `python tests/colab/run.py`: what it lets pass, and what not"
from importlib.util import module_from_spec,spec_from_file_location

import pytest
from nbformat.v4 import new_code_cell,new_output

from conftest import ROOT

def script(name):
    "A module in tests/colab"
    spec = spec_from_file_location(f'colab_{name}', ROOT/f'tests/colab/{name}.py')
    res = module_from_spec(spec)
    spec.loader.exec_module(res)
    return res

run,notebook = script('run'),script('notebook')

def cell(*outputs, source='f()', **metadata): return new_code_cell(source, outputs=[*outputs], metadata=metadata)
def stream(name, text): return new_output('stream', name=name, text=text)
def error(ename, evalue, traceback): return new_output('error', ename=ename, evalue=evalue, traceback=traceback)

CHECK = dict(nbgrader=dict(grade=True))
INSTALLS = "if 'google.colab' in str(get_ipython()):\n    %pip install x"
TO_DO = error('CheckFailed', 'f is not right yet', ['f is not right yet'])
WITH_TRACEBACK = error('CheckFailed', 'no', ['Traceback','no'])
WARNING = stream('stderr', 'FutureWarning: no\n')
TYPE_ERROR = error('TypeError', 'no', ['no'])

@pytest.mark.parametrize('source', [INSTALLS, '#| slow\nf()', '#| fig-alt: A picture\n#| slow\nf()'])
def test_the_installing_cell_and_slow_ones_are_left_out(source): assert notebook.left_out(cell(source=source))

@pytest.mark.parametrize('source', ['f()', '#| fig-alt: A slow one\nf()', 'f()\n#| slow'])
def test_any_other_cell_is_run(source): assert not notebook.left_out(cell(source=source))

@pytest.mark.parametrize('output,expected', [(WARNING, 'stderr: FutureWarning: no'), (TYPE_ERROR, 'TypeError: no')])
def test_errors_and_whatever_comes_on_stderr_are_found(output, expected):
    fine = cell(stream('stdout', 'FutureWarning: no'))
    assert notebook.broken([fine, cell(output, source='g()\nh()')], False) == [(2, 'g()', expected)]

def test_a_check_of_nothing_may_say_so(): assert notebook.broken([cell(TO_DO, **CHECK)], True) == []

@pytest.mark.parametrize('outputs', [[], [TO_DO,WARNING], [TYPE_ERROR], [WITH_TRACEBACK]])
def test_a_check_of_nothing_may_neither_pass_nor_say_more(outputs):
    assert len(notebook.broken([cell(*outputs, **CHECK)], True)) == 1

def test_no_other_cell_of_an_untouched_assignment_may_raise(): assert notebook.broken([cell(TO_DO)], True)

BEFORE = dict(torch='2.11.0', numpy='2.1.3')
COURSE = {'mnist-course': '0.0.1'}

def test_packages_that_the_first_cell_adds_and_keeps_are_listed(capsys):
    run.report(BEFORE, BEFORE|COURSE, '')
    assert capsys.readouterr().out.splitlines() == ['The first cell added mnist-course 0.0.1.',
        'It kept 2 of 2: numpy 2.1.3, torch 2.11.0.']

@pytest.mark.parametrize('after,message', [(BEFORE|COURSE|dict(torch='2.12.0'), 'torch 2.11.0 by 2.12.0'),
    (dict(torch='2.11.0')|COURSE, 'numpy 2.1.3 by nothing'), (BEFORE, 'did not install the course:\nno network')])
def test_a_first_cell_that_replaces_removes_or_installs_nothing_is_a_failure(after, message):
    with pytest.raises(SystemExit, match=message): run.report(BEFORE, after, 'no network')
