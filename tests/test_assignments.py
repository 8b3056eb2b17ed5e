"""The assignments: masters, learners' versions, and what the checks say to right and to wrong answers

`tests/answers/N_name.py` holds answers to the exercises of an assignment, each under a line `# right: exercise` or
`# wrong: exercise | words of the cause that must be named`. `python tests/test_assignments.py` writes the learners' versions anew."""
import contextlib,io,re
from collections import Counter
from functools import cache,lru_cache
from pathlib import Path

import nbformat,pytest

from conftest import ROOT

MASTERS = sorted((ROOT/'nbs/assignments').glob('*.ipynb'))
RELEASED = ROOT/'assignments'
NAMES = [o.stem for o in MASTERS]

def learners_version(master):
    "A master's learner's version, by nbgrader's own steps"
    from nbgrader.preprocessors import CheckCellMetadata,ClearOutput,ClearSolutions,ComputeChecksums,LockCells
    nb = nbformat.read(master, 4)
    for step in (LockCells,ClearSolutions,ClearOutput,CheckCellMetadata,ComputeChecksums): nb,_ = step().preprocess(nb, {})
    return nbformat.writes(nb)+'\n'

def meta(cell): return cell.metadata.get('nbgrader', {})
def exercises(nb): return [meta(c).grade_id for c in nb.cells if meta(c).get('solution')]

@cache
def answers(name):
    "Answers to an assignment: `(kind, exercise, cause, source)`"
    path = ROOT/'tests/answers'/f'{name}.py'
    parts = re.split(r'^# (right|wrong): *(\w+)(?: *\| *(.*?))? *$', path.read_text(encoding='utf-8') if path.exists() else '', flags=re.M)[1:]
    return [tuple(parts[i:i+4]) for i in range(0, len(parts), 4)]

def run(source, name, space):
    "Run a cell; what a check says, or None"
    from mnist_course.exercises import CheckFailed
    try:
        with contextlib.redirect_stdout(io.StringIO()): exec(compile(source, f'{name}.ipynb', 'exec'), space)
    except CheckFailed as e: return str(e)

@cache
def code_cells(name): return [c for c in nbformat.read(RELEASED/f'{name}.ipynb', 4).cells if c.cell_type=='code' and 'google.colab' not in c.source]

@lru_cache(maxsize=1) # one is some hundred megabytes, and tests come assignment by assignment
def untouched(name):
    "The names that a learner's version defines as it is, without its checks"
    space = {'__name__':'__main__'}
    for c in code_cells(name):
        if not meta(c).get('grade'): run(c.source, name, space)
    return space

def answered(name, exercise, source):
    "What the check of `exercise` says to an answer, None if all is well"
    space = dict(untouched(name))
    run(source, name, space)
    cell, = [c for c in code_cells(name) if meta(c).get('grade_id')==f'check_{exercise}']
    return run(cell.source, name, space)

def run_cells(name, given):
    "Run a learner's version with the answers in `given`: what each check says, None if all is well"
    space,said = {'__name__':'__main__'},{}
    for c in code_cells(name):
        res = run(given.get(meta(c).get('grade_id'), c.source), name, space)
        if meta(c).get('grade'): said[meta(c).grade_id] = res
    return said

LONG = {'perceptron','train_net','trained_net','train_digits','mended_setup'} # exercises whose checks train for a second or more
QUICK = dict(right=1, wrong=3) # of their answers, how many are tried by the default run

def numbered(kind):
    "The answers of one kind, as parameters"
    seen,res = Counter(),[]
    for name in NAMES:
        for i,o in enumerate(answers(name)):
            if o[0]!=kind: continue
            seen[o[1]] += 1
            slow = o[1] in LONG and seen[o[1]] > QUICK[kind]
            res.append(pytest.param(name, *o[1:], id=f'{name}-{o[1]}-{i}', marks=[pytest.mark.slow]*slow))
    return res

@pytest.mark.parametrize('name,exercise,cause,source', numbered('right'))
def test_right_answer_passes(name, exercise, cause, source):
    assert answered(name, exercise, source) is None

@pytest.mark.parametrize('name,exercise,cause,source', numbered('wrong'))
def test_wrong_answer_is_rejected_and_its_cause_named(name, exercise, cause, source):
    said = answered(name, exercise, source)
    assert said, 'accepted'
    assert cause.lower() in said.split('Likely cause:')[1].split('\nRead:')[0].lower(), said

@pytest.mark.parametrize('name', NAMES)
def test_untouched_version_scores_nothing_and_raises_nothing_else(name):
    said = run_cells(name, {})
    assert said and all(said.values())

@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize('style', [0, *(pytest.param(o, marks=pytest.mark.slow) for o in (1,2))])
def test_version_filled_in_another_style_passes(name, style):
    nb = nbformat.read(RELEASED/f'{name}.ipynb', 4)
    given = {o: [a[3] for a in answers(name) if a[:2]==('right',o)][style] for o in exercises(nb)}
    assert set(run_cells(name, given).values()) == {None}

@pytest.mark.parametrize('name', NAMES)
def test_each_exercise_has_three_right_and_eight_wrong_answers(name):
    found = [a[:2] for a in answers(name)]
    for o in exercises(nbformat.read(RELEASED/f'{name}.ipynb', 4)): assert found.count(('right',o))>=3 and found.count(('wrong',o))>=8, o

@pytest.mark.parametrize('master', MASTERS, ids=NAMES)
def test_learners_version_is_that_of_the_master(master):
    assert (RELEASED/master.name).read_text(encoding='utf-8') == learners_version(master), 'run: python tests/test_assignments.py'

def solutions(master): return [l.strip() for c in nbformat.read(master, 4).cells for part in re.findall(r'### BEGIN SOLUTION\n(.*?)### END SOLUTION', c.source, flags=re.S) for l in part.splitlines()]

@pytest.mark.parametrize('master', MASTERS, ids=NAMES)
def test_no_released_file_holds_text_of_a_solution(master):
    released = '\n'.join(o.read_text(encoding='utf-8') for o in RELEASED.glob('*'))
    own = solutions(master)
    assert own and [l for l in own if len(l)>12 and l in released] == []

def test_counts():
    for kind in ('right','wrong'): print(f"\n{kind} answers: {sum(o[0]==kind for name in NAMES for o in answers(name))}", end='')

if __name__=='__main__':
    RELEASED.mkdir(exist_ok=True)
    for o in MASTERS: (RELEASED/o.name).write_text(learners_version(o), encoding='utf-8')
