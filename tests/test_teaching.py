"TEACHING.md: its commands, run as they stand, take a class of six from the class list to marks and feedback"
import copy,csv,os,re,shutil,subprocess,sys
from pathlib import Path

import nbformat,pytest

from conftest import ROOT
from test_assignments import MASTERS,NAMES,meta

TEXT = (ROOT/'TEACHING.md').read_text(encoding='utf-8')
NAME = '1_perceptron'
MASTER = nbformat.read(ROOT/f'nbs/assignments/{NAME}.ipynb', 4)
pytestmark = [pytest.mark.skipif(os.name!='posix', reason='the commands are for a POSIX shell'),
    pytest.mark.slow] # nbgrader starts a kernel for each learner

def block(name): return re.search(rf'<!-- {name} -->\n```sh\n(.*?)```', TEXT, flags=re.S)[1]

def sh(code, cwd, ok=True):
    env = os.environ | dict(PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}", OMP_NUM_THREADS='1')
    done = subprocess.run(['bash','-euo','pipefail','-c',code], cwd=cwd, env=env, capture_output=True, text=True)
    assert not ok or done.returncode==0, done.stdout+done.stderr
    return done.returncode,done.stdout+done.stderr

def half(nb, solved):
    "Answers to every other exercise"
    n = 0
    for c,s in zip(nb.cells, solved.cells):
        if not meta(c).get('solution'): continue
        n += 1
        if n%2: c.source = s.source

def tampered(nb, _):
    for c in nb.cells:
        if meta(c).get('grade'): c.source = 'pass'

def stripped(nb, solved):
    for c,s in zip(nb.cells, solved.cells): c.source,c.metadata = s.source,{}

def excellent(nb, solved):
    for c,s in zip(nb.cells, solved.cells):
        if meta(c).get('solution'): c.source = s.source

def blank(nb, _): pass

CARELESS = dict( # what fay has left of some answers
    rmse='def rmse(images, ideal)\n    return 0', sigmoid='',
    linear1='from mnist_course.loss_functions import linear1',
    perceptron='while True:\n    try:\n        while True: pass\n    except BaseException: pass')

def careless(nb, solved):
    "All right but for a few cells that don't define what they should, and one that is there twice"
    excellent(nb, solved)
    for c in nb.cells: c.source = CARELESS.get(meta(c).get('grade_id'), c.source)
    n = next(i for i,c in enumerate(nb.cells) if meta(c).get('grade_id')=='make_dset')
    nb.cells[n:n] = copy.deepcopy(nb.cells[n:n+2])
    for i,c in enumerate(nb.cells): c['id'] = f'cell-{i}'

CLASS = dict(ada=excellent, bob=half, cleo=blank, dan=tampered, eve=stripped, fay=careless)

@pytest.fixture(scope='module')
def marks(tmp_path_factory, settings):
    "What TEACHING.md's commands make of the class: marks by learner, the folder of the class, and what autograde said"
    top = tmp_path_factory.mktemp('teaching')
    clone,room = top/settings['repo'],top/'class'
    (clone/'nbs').mkdir(parents=True)
    shutil.copytree(ROOT/'nbs/assignments', clone/'nbs/assignments')
    sh(block('class'), clone)
    lines = ['id,first_name,last_name,email', *(f'{o},{o.title()},X,{o}@example.org' for o in CLASS)]
    (room/'students.csv').write_text('\n'.join(lines)+'\n')
    sh(block('students'), clone)
    sh(block('release'), room)
    fetch,_,check,submit = (o.split('#')[0] for o in block('learner').strip().splitlines())
    for learner,answer in CLASS.items():
        home = top/learner
        home.mkdir()
        shutil.copy(room/'nbgrader_config.py', home)
        sh(fetch, home)
        path = home/NAME/f'{NAME}.ipynb'
        nb = nbformat.read(path, 4)
        answer(nb, MASTER)
        nbformat.write(nb, path)
        sh(f'{submit} --student={learner}', home)
    _,said = sh('set +e; ' + block('grade'), room, ok=False)
    with open(room/'grades.csv', newline='') as f: rows = {o['student_id']: o for o in csv.DictReader(f)}
    return rows,room,said

def score(marks, learner): return float(marks[0][learner]['score'])

def test_each_submission_gets_the_marks_it_deserves(marks):
    full = float(marks[0]['ada']['max_score'])
    points = {meta(c).grade_id: meta(c).points for c in MASTER.cells if meta(c).get('grade')}
    assert full == sum(points.values()) == score(marks, 'ada') and score(marks, 'cleo') == 0
    assert score(marks, 'bob') == sum([*points.values()][::2])

def test_nobody_gets_points_for_what_was_not_defined_or_not_run(marks):
    points = {meta(c).grade_id: meta(c).points for c in MASTER.cells if meta(c).get('grade')}
    lost = sum(points[f'check_{o}'] for o in CARELESS)
    assert score(marks, 'fay') == sum(points.values())-lost

def test_a_changed_check_gains_nothing(marks): assert score(marks, 'dan') == 0

def test_a_copy_without_its_marks_is_refused_by_name(marks):
    rows,room,said = marks
    assert 'refused: its cells have lost the marks' in said and 'eve' in said
    assert not [o for o in (room/'autograded/eve').rglob('*') if o.is_file()] and not float(rows['eve']['score'] or 0)

def test_each_graded_learner_gets_feedback(marks):
    assert sorted(o.name for o in (marks[1]/'feedback').iterdir()) == ['ada','bob','cleo','dan','fay']
    assert 'is not right yet' in (marks[1]/f'feedback/cleo/{NAME}/{NAME}.html').read_text(encoding='utf-8')

def test_what_is_handed_out_is_the_learners_version(marks):
    released,own = (o/f'{NAME}.ipynb' for o in (marks[1]/'release'/NAME, ROOT/'assignments'))
    assert released.read_text(encoding='utf-8') == own.read_text(encoding='utf-8')

def test_every_master_gets_full_marks(marks):
    "The commands for assignment 1 with the names of the others in its place, as TEACHING.md says"
    room = marks[1]
    for master in MASTERS:
        name = master.stem
        if name==NAME: continue
        sh(block('release').replace(NAME, name), room)
        released,solved = (nbformat.read(o, 4) for o in (room/f'release/{name}/{name}.ipynb', master))
        excellent(released, solved)
        (room/f'submitted/ada/{name}').mkdir(parents=True)
        nbformat.write(released, room/f'submitted/ada/{name}/{name}.ipynb')
        sh(f'nbgrader autograde {name}', room)
    sh('nbgrader export', room)
    with open(room/'grades.csv', newline='') as f:
        rows = {o['assignment']: o for o in csv.DictReader(f) if o['student_id']=='ada'}
    assert sorted(rows)==NAMES and all(float(o['score'])==float(o['max_score'])>0 for o in rows.values()), rows
