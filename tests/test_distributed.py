"Two processes equal one: `SplitDL` with made-up ranks, and `mnist_course.distributed` in processes really started. This file is also the program of two of them."
import os,re,subprocess,sys

import mnist_course # before fastai: it silences a warning of PyTorch's
import pytest,torch
from fastai.basics import Learner,SGD,set_seed
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.torch_core import rank_distrib
from safetensors.torch import load_file,save_file
from torch import nn

from mnist_course import distributed
from mnist_course.distributed import SplitDL
from mnist_course.manual_sgd import TensorDataLoader

slow = pytest.mark.slow # starts four processes; the default run starts two, below, which compare more
SMALL = ['--images', '2000', '--bs', '100', '--epochs', '2']
LINE = r'processes (\d), accuracy (0\.\d{4}), setup [\d.]+, seconds [\d.]+\n'

def xy(n): return torch.arange(n*3).view(n, 3).float(),torch.arange(n)[:,None]
def ys(dl): return [b[1].flatten().tolist() for b in dl]

# A small learner, as one process and as two

def mse(preds, targets): return ((preds-targets)**2).mean()
def mae(preds, targets): return (preds-targets).abs().mean()

def small_learner(seed, split=lambda dl: dl):
    "22 items in batches of 8, so the last has 6; the order, and the first parameters, come from `seed`"
    set_seed(seed)
    x = torch.randn(22, 3, generator=torch.Generator().manual_seed(0))
    y = x@torch.tensor([[1.],[-2.],[3.]]) + torch.arange(22)[:,None]/22
    dls = DataLoaders(*(split(TensorDataLoader((x,y), bs=8, shuffle=o)) for o in (True,False)))
    return Learner(dls, nn.Linear(3, 1), mse, opt_func=SGD, lr=0.1, metrics=mae)

def results(learn):
    "What comes of training, validating and predicting, as tensors"
    with learn.no_bar(),learn.no_logging():
        learn.fit(2)
        record = torch.tensor(learn.recorder.values)
        preds,targets = learn.get_preds()
        return dict(learn.model.state_dict(), record=record, preds=preds, targets=targets, valid=torch.tensor(list(learn.validate())))

def worker(path):
    "The program of each of two processes: seeds differ, so that all that is alike comes from process 0"
    learn = small_learner(rank_distrib(), SplitDL)
    with learn.distrib_ctx(cpu=True):
        res = results(learn)
        orders = [None]*2
        torch.distributed.all_gather_object(orders, [ys(TensorLabels(learn.dls.train)) for _ in range(2)])
    if rank_distrib()==0: save_file({k: v.contiguous() for k,v in res.items()}, path)
    lists = [None]*2
    torch.distributed.all_gather_object(lists, {k: v.tolist() for k,v in res.items()})
    assert lists[0]==lists[1], 'the processes disagree'
    both = [sum((o[0][i] for o in orders), []) for i in range(3)]
    assert [len(o) for o in both]==[8,8,6] and len({round(v, 5) for o in both for v in o})==22, 'something is repeated or missing'
    assert orders[0][0]!=orders[0][1], 'two epochs in the same order'
    torch.distributed.destroy_process_group()
    sys.stderr.flush()
    os._exit(0)

def TensorLabels(dl): return ((None,b[1]) for b in dl)

def start(*args, processes=None):
    "Run Python on `args`, under torchrun (on a free port) if there is a number of processes"
    if processes: args = ['-m', 'torch.distributed.run', '--standalone', '--nproc_per_node', str(processes), *args]
    env = {k: v for k,v in os.environ.items() if k not in ('RANK','WORLD_SIZE','LOCAL_RANK','MASTER_ADDR','MASTER_PORT')}
    with subprocess.Popen([sys.executable, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**env, 'OMP_NUM_THREADS': '1'}) as p:
        try: out,err = p.communicate(timeout=600) # only what hangs takes as long
        except subprocess.TimeoutExpired:
            p.terminate() # torchrun ends its processes, too
            raise
    return subprocess.CompletedProcess(args, p.returncode, out, err)

@pytest.fixture(scope='module')
def runs(tmp_path_factory):
    "The course's program as one process and as two: what was printed, and the parameters"
    res = {}
    for n in (1,2):
        path = tmp_path_factory.mktemp('params')/'params.safetensors'
        done = start('-m', 'mnist_course.distributed', *SMALL, '--save', path, processes=n if n>1 else None)
        assert done.returncode==0, done.stdout+done.stderr
        res[n] = done,load_file(path)
    return res

@slow
def test_two_processes_equal_one(runs):
    one,two = runs[1][1],runs[2][1]
    assert one.keys()==two.keys() and {tuple(o.shape) for o in one.values()}=={(100,784),(100,),(10,100),(10,)}
    for k in one: assert (one[k]-two[k]).abs().max() < 1e-4, k

@slow
def test_each_prints_one_line_and_both_the_same_accuracy(runs):
    (n1,acc1),(n2,acc2) = (re.fullmatch(LINE, runs[n][0].stdout).groups() for n in (1,2))
    assert (n1,n2)==('1','2') and float(acc1)==pytest.approx(float(acc2), abs=0.001) and float(acc1) > 0.8
    assert not runs[1][0].stderr and 'Warning' not in runs[2][0].stderr, runs[2][0].stderr

@slow
def test_one_process_equals_a_learner_without_splitting(runs, monkeypatch):
    monkeypatch.setattr(distributed, 'SplitDL', lambda dl: dl)
    acc,_,learn = distributed.train(epochs=2, bs=100, images=2000)
    assert acc==pytest.approx(float(re.fullmatch(LINE, runs[1][0].stdout)[2]), abs=0.001)
    for k,v in learn.model.state_dict().items(): assert torch.allclose(v, runs[1][1][k], atol=1e-4)

def test_two_processes_with_an_odd_last_batch_train_validate_and_predict_like_one(tmp_path):
    done = start(__file__, tmp_path/'res', processes=2)
    assert done.returncode==0, done.stderr
    res,plain = load_file(tmp_path/'res'),results(small_learner(0))
    assert res.keys()==plain.keys()
    for k in plain: assert torch.allclose(res[k], plain[k], atol=1e-5), k

# One process with made-up ranks

@pytest.mark.parametrize('make', [TensorDataLoader, lambda xy,**kw: DataLoader(list(zip(*xy)), **kw)], ids=['tensors','pairs'])
@pytest.mark.parametrize('n,bs,drop_last,workers', [(24,8,False,0), (20,8,False,0), (4,8,False,0), (23,8,True,0), (12,4,False,0), (28,8,False,2), (27,8,True,2)])
@pytest.mark.parametrize('world_size', [1,2,4])
def test_the_parts_are_the_batches(make, n, bs, drop_last, workers, world_size):
    if workers and (world_size!=2 or make is not TensorDataLoader): pytest.skip('starting workers takes long: once is enough')
    def loader(): return make(xy(n), bs=bs, drop_last=drop_last, shuffle=True, num_workers=workers)
    def seeded(dl): dl.rng.seed(5); return dl
    plain = seeded(loader())
    parts = [SplitDL(seeded(loader()), rank, world_size) for rank in range(world_size)]
    assert {len(o) for o in parts}=={len(plain)}
    for _ in range(2): # each epoch in an order of its own
        batches = list(plain)
        for whole,*own in zip(batches, *parts, strict=True):
            assert len({len(o[0]) for o in own})==1 and type(own[0]) is tuple
            for i in range(2): assert torch.equal(torch.cat([o[i] for o in own]), whole[i])
        flat = [y for o in batches for y in o[1].flatten().tolist()]
        assert len(flat)==len(set(flat))==(n//bs*bs if drop_last else n)

def test_fastais_own_loader_repeats_and_mixes():
    "What `SplitDL` is for"
    class Fake(distributed.DistributedDL):
        def _broadcast(self, t, rank): return t
    parts = [ys(Fake(TensorDataLoader(xy(9), bs=4), rank, 2)) for rank in range(2)]
    assert parts==[[[0,1,2,3],[4]],[[5,6,7,8],[0]]]

@pytest.mark.parametrize('n,bs,says', [(100,25,'a batch has 25 items.*multiple of 2'), (25,8,'the last batch has 1 item,.*drop_last=True')])
def test_uneven_parts_are_refused(n, bs, says):
    for rank in range(2):
        with pytest.raises(ValueError, match=says): SplitDL(TensorDataLoader(xy(n), bs=bs), rank, 2)

def test_a_loader_that_became_uneven_is_refused():
    dl = TensorDataLoader(xy(24), bs=8)
    split = SplitDL(dl, 0, 2)
    dl.get_idxs = lambda: range(7)
    with pytest.raises(ValueError, match='the last batch has 7 items'): next(iter(split))

@pytest.mark.parametrize('dl', [TensorDataLoader(xy(0)), DataLoader(iter([1,2]), bs=2), DataLoader([torch.ones(1)], bs=None)], ids=['empty','iterable','no bs'])
def test_a_loader_of_unknown_length_is_refused(dl):
    with pytest.raises(ValueError, match='both must be known'): SplitDL(dl, 0, 2)

def test_without_a_group_there_is_no_order(monkeypatch):
    monkeypatch.setenv('WORLD_SIZE', '2')
    with pytest.raises(RuntimeError, match='inside learn.distrib_ctx'): next(iter(SplitDL(TensorDataLoader(xy(8), bs=4))))

def test_new_is_split_too():
    dl = SplitDL(TensorDataLoader(xy(12), bs=4, shuffle=True), 1, 2).new(shuffle=False)
    assert type(dl) is SplitDL and ys(dl)==[[2,3],[6,7],[10,11]]

def test_the_loader_itself_stays_whole():
    dl = TensorDataLoader(xy(12), bs=4)
    assert ys(SplitDL(dl, 0, 2))==[[0,1],[4,5],[8,9]] and dl.bs==4 and ys(dl)==[[0,1,2,3],[4,5,6,7],[8,9,10,11]]

def test_one_batch_and_after_batch():
    dl = SplitDL(TensorDataLoader(xy(12), bs=4, after_batch=lambda b: (b[0]+1,b[1])), 1, 2)
    assert torch.equal(dl.one_batch()[0], xy(12)[0][2:4]+1)

@pytest.mark.parametrize('args,env,says', [(['--bs', '0'],{},'must be a whole number from 1'), (['--device', 'cuda'],{'LOCAL_RANK': '99'},'needs a GPU of its own'),
    (['--epochs', '1'],{'MASTER_ADDR': 'localhost'},'accelerate launch --multi_gpu'), (['--bs', '25', '--images', '50'],{'WORLD_SIZE': '2'},'split evenly')])
def test_the_program_says_in_a_line_what_is_wrong(args, env, says, monkeypatch, capsys):
    for k,v in env.items(): monkeypatch.setenv(k, v)
    monkeypatch.setattr(sys, 'argv', ['mnist_course.distributed', *args])
    with pytest.raises(SystemExit) as e: distributed.main()
    err = capsys.readouterr().err
    assert e.value.code==2 and says in err and err.count('\n')==1

if __name__=='__main__': worker(sys.argv[1])
