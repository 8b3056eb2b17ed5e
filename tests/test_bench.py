"`mnist_course bench`: each candidate runs, the numbers mean what the table says, and wrong arguments get a line"
import pytest,torch

from mnist_course import bench

@pytest.fixture(scope='module')
def few():
    from mnist_course.data import load_mnist
    (x,y),(test_x,test_y) = load_mnist('train'),load_mnist('test')
    return x[:2500],y[:2500],test_x[:300],test_y[:300]

@pytest.mark.parametrize('name,run', [pytest.param(*o[:2], id=o[0]) for o in bench.candidates()])
def test_each_candidate_learns_something_from_few_images(few, name, run):
    torch.set_num_threads(1)
    seconds,acc = bench.timed(run, 1 if name not in bench.QUICK else 0.99, 0, few)
    assert seconds > 0 and 0.25 < acc <= 1

def test_a_recipe_is_reproducible_and_depends_on_its_seed(few):
    from mnist_course.speed import RECIPES
    torch.set_num_threads(1) # with more, sums may be taken in another order
    for recipe in (RECIPES[0.98],RECIPES[0.99]):
        a,b,c = (recipe(*few[:3], seed) for seed in (0,0,1))
        assert torch.equal(a, b) and not torch.equal(a, c) and a.shape==(300,10)

def test_race_takes_turns_and_leaves_out_the_first_round():
    from mnist_course.speed import race
    seen = []
    times = race({'a': lambda: seen.append('a'), 'b': lambda: seen.append('b')}, 3)
    assert seen==['a','b']*4 and list(times)==['a','b'] and all(o>=0 for o in times.values())

def test_table_says_what_was_measured():
    rows = [dict(model='ours', aim=0.99, runs=10, seconds=1.5, estimated=False, accuracy=0.9912, spread=0.0004, reached=9, ratio=5.),
        dict(model="PyTorch's example", aim=0.99, runs=1, seconds=150., estimated=True, accuracy=None, spread=None, reached=None, ratio=0.05)]
    text = bench.tables(dict(machine='a machine', quick=True, epoch=[dict(way='plain loop', seconds=0.2, times_the_products=2.)], models=rows))
    for o in ('a machine','200','2.00','99.0%','1.50','5.00','9 of 10','0.9912','~150.00','estimated'): assert o in text, o

@pytest.mark.parametrize('args', [['--rounds','0'],['--rounds','x'],['--nonsense']])
def test_wrong_arguments_exit_with_2(args, capsys):
    with pytest.raises(SystemExit) as e: bench.main(args)
    assert e.value.code==2 and capsys.readouterr().err.strip()

def test_too_few_steps_for_a_cycle_are_refused(few):
    from mnist_course.speed import RECIPES
    for recipe in (RECIPES[0.98],RECIPES[0.99]):
        with pytest.raises(ValueError, match='too few for a rate to rise and fall'): recipe(few[0][:600], few[1][:600], few[2], 0)
