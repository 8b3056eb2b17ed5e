"`mnist_course check`: full marks for the masters, and a clear line for whatever else may be handed in"
import json,subprocess,sys
from contextlib import redirect_stderr
from io import StringIO

import nbformat,pytest

from conftest import ROOT
from mnist_course.checks.command import main
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

@pytest.fixture
def changed(tmp_path):
    "Write the learner's version of assignment 1 with one cell changed, and without those named"
    def f(cell=None, source=None, without=(), strip=False):
        nb = nbformat.read(RELEASED/f'{NAME}.ipynb', 4)
        nb.cells = [c for c in nb.cells if meta(c).get('grade_id') not in without]
        for c in nb.cells:
            if cell and meta(c).get('grade_id')==cell: c.source = source
            if strip: c.metadata = {}
        nbformat.write(nb, tmp_path/'handed_in.ipynb')
        return tmp_path/'handed_in.ipynb'
    return f

def test_master_scores_full_marks(): # the others: `nbdev-test` runs their checks, test_teaching.py their marks
    done = check(MASTERS[0], '--json')
    res = json.loads(done.stdout)
    assert done.returncode==0 and res['passed'] and res['score']==res['points']>0 and all(o['why'] is None for o in res['exercises'])

def test_untouched_copy_scores_nothing():
    done = check(RELEASED/f'{NAME}.ipynb', '--json')
    res = json.loads(done.stdout)
    assert done.returncode==1 and res['score']==0 and not any(o['passed'] for o in res['exercises'])

def test_the_table_shows_exercises_causes_and_the_score(changed):
    done = check(changed('batch_accuracy', 'def batch_accuracy(preds, yb): return ((preds>0)==yb).float().mean()'))
    lines = done.stdout.splitlines()
    assert done.returncode==1 and lines[-1].startswith('score: ')
    assert [o for o in lines if o.startswith('passed')] == [o for o in lines if o.endswith('batch_accuracy') and o.startswith('passed')] != []
    assert any('Likely cause:' in o for o in lines)

@pytest.mark.parametrize('source,says', [('while True: pass', 'more than 15 seconds'), ('import os; os._exit(1)', 'ended the kernel'), ('exit()', 'ended the kernel'),
    ('while True:\n    try:\n        while True: pass\n    except BaseException: pass', ('could not be stopped','more than 15 seconds')), ('def batch_accuracy(:', 'SyntaxError'), ('1/0', 'ZeroDivisionError')],
    ids=['loop','killed','exit','stubborn','syntax','raises'])
def test_a_cell_that_goes_wrong_is_named_and_the_rest_is_answered(changed, source, says):
    done = check(changed('batch_accuracy', source), '--limit', '15')
    assert done.returncode==1 and any(o in done.stdout for o in ([says] if isinstance(says, str) else says)) and done.stdout.splitlines()[-1].startswith('score: 0 of')

def test_missing_check_cell_is_named(changed):
    done = check(changed(without=['check_batch_accuracy']))
    assert done.returncode==1 and 'its check cell is missing' in done.stdout

def test_copy_without_marks_is_refused(changed):
    text,status = said(changed(strip=True))
    assert status==2 and 'lost the marks' in text

def test_changed_check_cell_gains_nothing(changed):
    done = check(changed('check_batch_accuracy', 'pass'))
    assert done.returncode==1 and 'score: 0 of' in done.stdout

@pytest.mark.parametrize('content,says', [(None, 'no such file'), ('', 'no Jupyter notebook'), ('{"cells": [', 'no Jupyter notebook'), (b'\xff\xfe\x00', 'no Jupyter notebook')],
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
    assert check(MASTERS[0], '--limit', '0').returncode==2
    for args in (['--limit','x'], ['--nonsense']): assert said(MASTERS[0], *args)[1]==2
