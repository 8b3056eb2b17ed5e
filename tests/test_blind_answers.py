"What the checks say to the answers of blind_answers.py, which were written before their author had seen the checks"
import json,os,re,subprocess,sys
from collections import Counter

import pytest

from blind_answers import CASES
from conftest import PATIENCE,ROOT
from test_products import says,told

ENDLESS = 9 # the kind that might not end: each of its cases gets a process

def judged(case):
    "What is wrong with what a check says to a case, as (kind, text): kind is 'well' if nothing is"
    cause = told(case.source, case.exercise)
    if not case.says: return ('well','') if cause is None else ('false alarm',cause)
    if cause is None: return 'accepted','it passes'
    if says(case.never, cause): return 'false cause',cause
    missing = [o for o in case.says if not says(o, cause)]
    return ('rejected',cause) if missing else ('well',cause)

def kind_of(case): return f'{case.kind}-{case.exercise}-{CASES.index(case)}'

OPEN = {'1-train_step-10': "what is returned ends the trials, before exchanged arguments make a difference"}

def parameter(case):
    "A case, as a test that is to fail as long as it is open"
    name = kind_of(case)
    marks = [pytest.mark.xfail(reason=OPEN[name], strict=True)] if name in OPEN else []
    return pytest.param(case, id=name, marks=marks)

@pytest.mark.parametrize('case', [parameter(o) for o in CASES if o.kind!=ENDLESS])
def test_blind_answer(case):
    kind,text = judged(case)
    assert kind=='well', f'{kind}: {text}\n{case.source}'

@pytest.mark.slow
@pytest.mark.parametrize('case', [o for o in CASES if o.kind==ENDLESS], ids=kind_of)
def test_blind_endless_answer(case):
    "In a process of its own, that may hang"
    lines = f'from test_blind_answers import CASES,judged; print(*judged(CASES[{CASES.index(case)}]))'
    res = subprocess.run([sys.executable,'-c',lines], cwd=ROOT/'tests', capture_output=True, text=True,
        timeout=PATIENCE, env=os.environ | dict(PYTHONPATH=f'{ROOT}{os.pathsep}{ROOT/"tests"}'))
    assert res.stdout.startswith('well'), res.stdout+res.stderr+case.source

# ---- In a notebook, by `mnist_course check`

NOTHING = dict(sigmoid='', rmse='def rmse(images, ideal)\n    return 1/0',
    mnist_loss='from mnist_course.loss_functions import mnist_loss',
    linear1='from mnist_course.loss_functions import *',
    batch_accuracy='from mnist_course.manual_sgd import batch_accuracy', validate_epoch='validate_epoch = max',
    train_epoch='from mnist_course.manual_sgd import *\ndef train_epoc(model, lr, params, dl, loss_func): pass')
ON_AND_ON = ('''
while True:
    try:
        while True: pass
    except KeyboardInterrupt: continue
''', '''
import time
def sigmoid(x):
    while True:
        try: time.sleep(1)
        except BaseException: pass
''', '''
def sigmoid(x):
    n = 0
    while n < 10**12:
        try: n += 1
        except: n = 0
        finally: continue
    return 1/(1+(-x).exp())
''')

def checked(folder, answers, limit=20):
    "What `mnist_course check` prints about assignment 1 with these answers, by the name of their exercise"
    nb = json.loads((ROOT/'assignments'/'1_perceptron.ipynb').read_text(encoding='utf-8'))
    for cell in nb['cells']:
        name = re.match(r'def (\w+)', ''.join(cell['source']))
        if cell['cell_type']=='code' and name and name[1] in answers: cell['source'] = answers[name[1]]
    path = folder/'1_perceptron.ipynb'
    path.write_text(json.dumps(nb), encoding='utf-8')
    res = subprocess.run([sys.executable,'-m','mnist_course','check',path,'--limit',str(limit)], cwd=folder,
        capture_output=True, text=True, timeout=PATIENCE, env=os.environ | dict(PYTHONPATH=str(ROOT)))
    return res.stdout+res.stderr

def points(printed):
    "The score that was printed, as a number"
    return float(re.search(r'([\d.]+) of [\d.]+', printed)[1])

def test_no_points_for_nothing(tmp_path):
    printed = checked(tmp_path, NOTHING)
    assert points(printed)==0, printed

@pytest.mark.slow
@pytest.mark.parametrize('source', ON_AND_ON, ids=('cell','function','finally'))
def test_no_points_for_what_does_not_end(tmp_path, source):
    printed = checked(tmp_path, dict(sigmoid=source), limit=5)
    assert points(printed)==0, printed

if __name__=='__main__':
    counts = {}
    for case in CASES:
        if case.kind==ENDLESS: continue
        kind,text = judged(case)
        counts.setdefault(case.kind, Counter())[kind] += 1
        if kind!='well': print(f'\n{case.kind} {case.exercise}, {kind}: {text}\n{case.source}')
    for kind in sorted(counts): print(f'kind {kind}:', dict(counts[kind]))
