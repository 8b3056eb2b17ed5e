"`mnist_course check`: full marks for the masters, and a clear line for whatever else may be handed in"
import json,subprocess,sys
from contextlib import redirect_stderr
from io import StringIO

import nbformat,pytest

from conftest import ROOT
from mnist_course.exercises import command
from mnist_course.exercises.command import main
from test_assignments import MASTERS,RELEASED,meta

NAME = '1_perceptron'

def said(*args):
    "What `mnist_course check` writes to stderr, and its exit status, without a process of its own"
    with pytest.raises(SystemExit) as e, redirect_stderr(StringIO()) as err: main(list(map(str, args)))
    return err.getvalue(),e.value.code

def check(path, *args):
    done = subprocess.run([sys.executable,'-m','mnist_course','check',str(path),*args], capture_output=True, text=True)
    assert 'Traceback' not in done.stderr, done.stderr
    return done

def test_master_scores_full_marks(): # the others: `nbdev-test` runs their checks, test_teaching.py their marks
    done = check(MASTERS[0], '--json')
    res = json.loads(done.stdout)
    assert done.returncode==0 and res['passed'] and res['score']==res['points']>0
    assert all(o['why'] is None for o in res['exercises'])


# One copy of assignment 1 with one right answer, and all sorts of wrong ones

STUBBORN = """while True:
    try:
        while True: pass
    except BaseException: pass"""

ANSWERS = dict(
    rmse='def rmse(images, ideal): return ((images-ideal)**2).mean((1,2)).sqrt()', # in what becomes a cell of text
    make_dset='def make_dset(:', init_params='1/0', check_linear1='pass', sigmoid='# I did not do this one',
    mnist_loss='def mnist_loss(preds, targets): return preds.mean()',
    batch_accuracy='def batch_accuracy(preds, yb): return ((preds>0)==yb).float().mean()',
    train_epoch='def train_epoch(*args): pass\nwhile True: pass', perceptron='from fastai.basics import *\n'+STUBBORN)
SAID = dict(
    rmse='its cell is no code cell any more', make_dset='its cell: SyntaxError', sigmoid='of fastai', perceptron='',
    init_params='its cell: ZeroDivisionError', linear1='still to do', mnist_loss='Likely cause:',
    train_epoch='its cell: it took more than 10 seconds', validate_epoch='its check cell is missing')

@pytest.fixture(scope='module')
def results(tmp_path_factory):
    "What `check_notebook` says of that copy, and its path"
    nb,path = nbformat.read(RELEASED/f'{NAME}.ipynb', 4),tmp_path_factory.mktemp('copy')/'handed_in.ipynb'
    nb.cells = [c for c in nb.cells if meta(c).get('grade_id')!='check_validate_epoch']
    for c in nb.cells: c.source = ANSWERS.get(meta(c).get('grade_id'), c.source)
    retyped, = [c for c in nb.cells if meta(c).get('grade_id')=='rmse']
    retyped.cell_type = 'markdown'
    for o in ('outputs','execution_count'): del retyped[o]
    nbformat.write(nb, path)
    return command.check_notebook(path, 10),path

@pytest.mark.parametrize('exercise', SAID)
def test_what_is_wrong_is_named_and_the_rest_is_answered(results, exercise):
    why = {o: why for o,_,why in results[0]}
    assert why[exercise] and SAID[exercise] in why[exercise] and why.keys()=={*SAID,'batch_accuracy'}

def test_the_table_and_the_json_show_exercises_causes_and_the_score(results, monkeypatch, capsys):
    found,path = results
    monkeypatch.setattr(command, 'check_notebook', lambda *args: found)
    def printed(*args):
        with pytest.raises(SystemExit) as e: main([str(path),*args])
        assert e.value.code==1
        return capsys.readouterr().out
    lines,res = printed().splitlines(),json.loads(printed('--json'))
    assert [o.split()[-1] for o in lines if o.startswith('passed')]==['batch_accuracy']
    assert any('Likely cause:' in o for o in lines)
    assert lines[-1]==f"score: 2 of {res['points']}" and (res['score'],res['passed'])==(2,False)
    assert [o['exercise'] for o in res['exercises'] if o['passed']]==['batch_accuracy']


# A kernel that goes, or does not

@pytest.mark.parametrize('source,says', [('import os; os._exit(1)','ended the kernel'), ('exit()','ended the kernel'),
    (STUBBORN,('could not be stopped','more than 1 seconds'))], ids=['killed','exit','stubborn'])
def test_a_kernel_that_is_lost_is_named_and_nothing_runs_in_it(tmp_path, source, says):
    kernel = command.Kernel(tmp_path, 1)
    try:
        first = kernel.run(source, 3)
        then = kernel.run('print(1+1)', 4)
    finally: kernel.close()
    assert any(o in first.trouble for o in ([says] if isinstance(says, str) else says))
    assert (then.trouble or '').startswith('not run, since cell 3') or (source==STUBBORN and then.printed=='2\n')

def test_copy_without_marks_is_refused(tmp_path):
    nb = nbformat.read(RELEASED/f'{NAME}.ipynb', 4)
    for c in nb.cells: c.metadata = {}
    nbformat.write(nb, tmp_path/'handed_in.ipynb')
    text,status = said(tmp_path/'handed_in.ipynb')
    assert status==2 and 'lost the marks' in text

@pytest.mark.parametrize('content,says', [
    (None, 'no such file'), ('', 'no Jupyter notebook'), ('{"cells": [', 'no Jupyter notebook'),
    (b'\xff\xfe\x00', 'no Jupyter notebook')],
    ids=['missing','empty','cut off','binary'])
def test_unreadable_file_gets_a_line(tmp_path, content, says):
    path = tmp_path/'x.ipynb'
    if content is not None: path.write_bytes(content if isinstance(content, bytes) else content.encode())
    text,status = said(path)
    assert status==2 and says in text and len(text.strip().splitlines())==1

def test_folder_and_foreign_notebook_get_a_line(tmp_path):
    for path,says in ((tmp_path,'a folder'), (ROOT/'nbs/01_pixel_similarity.ipynb','no exercise of this course')):
        text,status = said(path)
        assert status==2 and says in text and len(text.strip().splitlines())==1

def test_wrong_arguments_exit_with_2():
    for args in (['--limit','0'], ['--limit','x'], ['--nonsense']): assert said(MASTERS[0], *args)[1]==2
