"`mnist_course bench`: each candidate runs, the numbers mean what the table says, and wrong arguments get a line"
import os,platform,subprocess,sys

import pytest,torch

from mnist_course import bench

@pytest.fixture(scope='module')
def few():
    from mnist_course.data import load_mnist
    (x,y),(test_x,test_y) = load_mnist('train'),load_mnist('test')
    return x[:5000],y[:5000],test_x[:300],test_y[:300]

BOTH = [pytest.param(dtype, id=str(dtype)) for dtype in (torch.float32,torch.bfloat16)]
CONVNETS = bench.candidates(torch.bfloat16)[1:5]

@pytest.mark.parametrize('name,run', [pytest.param(*o[:2], id=o[0]) for o in bench.candidates(torch.float32)]
    + [pytest.param(*o[:2], id=f'{o[0]}, bf16') for o in CONVNETS])
def test_each_candidate_learns_something_from_few_images(few, name, run):
    torch.set_num_threads(1)
    seconds,acc = bench.timed(run, 1 if name not in bench.QUICK else 0.99, 0, few)
    assert seconds > 0 and 0.25 < acc <= 1

def test_few_images_are_enough_for_the_first_run_of_every_recipe(few):
    from mnist_course.speed import RECIPES
    torch.set_num_threads(1)
    for recipe in RECIPES.values(): assert recipe(*(o[:bench.FEW] for o in few[:2]), few[2][:10]).shape==(10,10)

@pytest.mark.parametrize('dtype', BOTH)
@pytest.mark.parametrize('aim', [0.98,0.99])
def test_a_recipe_is_reproducible_and_depends_on_its_seed(few, aim, dtype):
    from mnist_course.speed import RECIPES
    torch.set_num_threads(1) # with more, sums may be taken in another order
    a,b,c = (RECIPES[aim](*few[:3], seed, dtype) for seed in (0,0,1))
    assert torch.equal(a, b) and not torch.equal(a, c) and a.shape==(300,10)


# Number formats

def test_recipes_take_the_fast_format_and_an_argument_overrides_it(few, monkeypatch):
    from mnist_course import speed
    seen = []
    def standardize(images, dtype=torch.float32, original=speed.standardize):
        seen.append(dtype)
        return original(images, dtype)
    monkeypatch.setattr(speed, 'standardize', standardize)
    monkeypatch.setattr(speed, 'fast_dtype', lambda device: torch.float32)
    speed.recipe_99(*few[:3])
    speed.recipe_99(*few[:3], dtype=torch.bfloat16)
    assert seen == [torch.float32]*2+[torch.bfloat16]*2

@pytest.mark.parametrize('supported,machine,instructions,native', [(False,'x86_64',True,False), (True,'x86_64',True,True),
    (True,'AMD64',False,False), (True,'aarch64',False,True)], ids=['AVX2','AVX512-BF16','AVX512 without bf16','Arm'])
def test_bf16_is_native_where_the_processor_has_instructions_for_it(monkeypatch, supported, machine, instructions, native):
    from mnist_course import speed
    monkeypatch.setattr(torch.ops.mkldnn, '_is_mkldnn_bf16_supported', lambda: supported)
    monkeypatch.setattr(speed.platform, 'machine', lambda: machine)
    for name in ('_is_avx512_bf16_supported','_is_amx_tile_supported'): monkeypatch.setattr(torch.cpu, name, lambda: instructions)
    assert speed.bf16_is_native.__wrapped__('cpu') is native

@pytest.mark.parametrize('faster', [torch.float32,torch.bfloat16])
def test_where_pytorch_cannot_say_a_product_is_timed(monkeypatch, faster):
    from mnist_course import speed
    monkeypatch.delattr(torch.cpu, '_is_amx_tile_supported')
    monkeypatch.delattr(torch.cpu, '_is_avx512_bf16_supported')
    monkeypatch.setattr(torch.ops.mkldnn, '_is_mkldnn_bf16_supported', lambda: True)
    monkeypatch.setattr(speed.platform, 'machine', lambda: 'x86_64')
    monkeypatch.setattr(speed, 'bf16_is_native', speed.bf16_is_native.__wrapped__)
    monkeypatch.setattr(speed, 'race', lambda ways: {dtype: 1+(dtype!=faster) for dtype in ways if way_runs(ways[dtype])})
    assert speed.fast_dtype.__wrapped__() is faster

def way_runs(way): return way().shape==(512,512)

def test_fast_dtype_obeys_the_instructions_that_pytorch_may_use():
    code = 'import torch; from mnist_course.speed import fast_dtype; print(fast_dtype(), fast_dtype("mps"))'
    out = subprocess.check_output([sys.executable,'-c',code], env={**os.environ, 'ONEDNN_MAX_CPU_ISA': 'AVX2'}, text=True)
    if platform.machine() not in ('x86_64','AMD64'): pytest.skip('ONEDNN_MAX_CPU_ISA is for x86')
    assert out.split()==['torch.float32']*2

def test_frozen_layer_keeps_its_weights_and_can_be_trained_again(few):
    from mnist_course.speed import fast_net,fit_fast,standardize
    net = fast_net()
    before = [o.clone() for o in net.parameters()]
    fit_fast(net, standardize(few[0]), few[1], freeze=0)
    changed = [not torch.equal(*o) for o in zip(before, net.parameters())]
    assert changed == [False]*2+[True]*8 and all(o.requires_grad for o in net.parameters())


# The command

def test_race_takes_turns_and_leaves_out_the_first_round():
    from mnist_course.speed import race
    seen = []
    times = race({'a': lambda: seen.append('a'), 'b': lambda: seen.append('b')}, 3)
    assert seen==['a','b']*4 and list(times)==['a','b'] and all(o>=0 for o in times.values())

def test_table_says_what_was_measured():
    rows = [dict(model='ours', aim=0.99, runs=10, seconds=1.5, estimated=False, accuracy=0.9912, spread=0.0004, reached=9, ratio=5.),
        dict(model="PyTorch's example", aim=0.99, runs=1, seconds=150., estimated=True, accuracy=None, spread=None, reached=None, ratio=0.05)]
    text = bench.tables(dict(machine='a machine', dtype='bfloat16', quick=True, epoch=[dict(way='plain loop', seconds=0.2, times_the_products=2.)], models=rows))
    for o in ('a machine','200','2.00','99.0%','1.50','5.00','9 of 10','0.9912','~150.00','estimated','in bfloat16'): assert o in text, o

@pytest.mark.parametrize('args', [['--rounds','0'],['--rounds','x'],['--dtype','int8'],['--device','tpu'],['--nonsense']])
def test_wrong_arguments_exit_with_2(args, capsys):
    with pytest.raises(SystemExit) as e: bench.main(args)
    assert e.value.code==2 and capsys.readouterr().err.strip()

def test_too_few_steps_for_a_cycle_are_refused(few):
    from mnist_course.speed import RECIPES
    for recipe in (RECIPES[0.98],RECIPES[0.99]):
        with pytest.raises(ValueError, match='too few for a rate to rise and fall'): recipe(few[0][:600], few[1][:600], few[2], 0)
