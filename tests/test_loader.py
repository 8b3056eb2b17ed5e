"`TensorDataLoader`: the same batches as fastai's `DataLoader` of pairs, wherever that one can be used"
import mnist_course # before fastai: it silences a warning of PyTorch's
import fastai.callback.progress,fastai.callback.schedule # no_bar, lr_find
import pytest,torch
from fastai.basics import Learner,SGD,set_seed
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from torch import nn
from torch.utils.data import TensorDataset

from mnist_course.manual_sgd import TensorDataLoader

def xy(n): return torch.arange(n*3).view(n, 3).float(),torch.arange(n)[:,None]
def plain(n, **kw): return DataLoader(list(zip(*xy(n))), **kw)
def ours(n, **kw): return TensorDataLoader(xy(n), **kw)
def same(a, b):
    a,b = list(a),list(b)
    return len(a)==len(b) and all(type(p)==type(q)==tuple and all(torch.equal(*o) and o[0].dtype==o[1].dtype for o in zip(p, q, strict=True)) for p,q in zip(a, b))

@pytest.mark.parametrize('n,workers', [*((n,0) for n in (0,1,2,3,4,11,12)), (11,2)])
@pytest.mark.parametrize('drop_last', [False,True])
@pytest.mark.parametrize('shuffle', [False,True])
def test_batches_are_those_of_the_plain_loader(n, workers, drop_last, shuffle):
    both = [make(n, bs=4, drop_last=drop_last, shuffle=shuffle, num_workers=workers) for make in (plain,ours)]
    assert len(both[0])==len(both[1]) and both[1].n==n
    for o in both: o.rng.seed(0)
    for _ in range(2): assert same(*both)

def test_each_epoch_has_an_order_of_its_own_and_each_item_once():
    dl = ours(50, bs=8, shuffle=True)
    a,b = (torch.cat([y for _,y in dl]) for _ in range(2))
    assert not torch.equal(a, b) and torch.equal(a.sort(0).values, b.sort(0).values) and torch.equal(a.sort(0).values, xy(50)[1])

def test_same_seed_same_order():
    def epochs():
        set_seed(3)
        dl = ours(50, bs=8, shuffle=True)
        return [*dl,*dl]
    assert same(epochs(), epochs())

def test_x_keeps_its_y():
    for xb,yb in ours(50, bs=8, shuffle=True): assert torch.equal(xb[:,0], 3.*yb[:,0])

def test_batches_are_copies():
    x,y = xy(10)
    for xb,yb in TensorDataLoader((x,y), bs=4): xb.zero_(); yb.zero_()
    assert torch.equal(x, xy(10)[0]) and torch.equal(y, xy(10)[1])

@pytest.mark.parametrize('tensors', [1,3])
def test_any_number_of_tensors(tensors):
    data = [torch.arange(5)*i for i in range(tensors)]
    batch = TensorDataLoader(data, bs=2).one_batch()
    assert len(batch)==tensors and same([batch], [tuple(o[:2] for o in data)])

def test_a_tensor_dataset_is_as_good(): assert same(TensorDataLoader(TensorDataset(*xy(7)), bs=4), ours(7, bs=4))

def test_errors_say_what_is_wrong():
    x,y = xy(5)
    for dataset,error,says in (((x,y[:4]),ValueError,r'\[5, 4\] items'), (x,TypeError,'tuple of tensors'), (list(zip(x, y)),TypeError,'tuple of tensors'),
        ((),TypeError,'tuple of tensors'), ((x,y.tolist()),TypeError,'tuple of tensors')):
        with pytest.raises(error, match=says): TensorDataLoader(dataset)
    for bs in (0,-1,None):
        with pytest.raises(ValueError, match='from 1'): TensorDataLoader((x,y), bs=bs)

def test_empty_loader_has_no_batch():
    dl = ours(0)
    assert len(dl)==0 and list(dl)==[]
    with pytest.raises(ValueError, match='any batches'): dl.one_batch()

def test_device_moves_the_batches_and_not_the_data():
    dl = ours(5, bs=2, device='meta')
    assert {o.device.type for b in dl for o in b}=={'meta'} and dl.dataset.tensors[0].device.type=='cpu'
    dl.to(torch.device('cpu'))
    assert same(dl, ours(5, bs=2))

def test_new_keeps_what_is_not_changed():
    dl = ours(11, bs=4, shuffle=True, drop_last=True)
    new = dl.new(shuffle=False)
    assert type(new) is TensorDataLoader and new.drop_last and same(new, ours(11, bs=4, drop_last=True))
    assert same(dl.new(TensorDataset(*xy(3)), shuffle=False, drop_last=False), ours(3, bs=4))

def test_an_exception_inside_a_loop_leaves_the_loader_whole():
    dl = ours(11, bs=4)
    with pytest.raises(KeyError):
        for _ in dl: raise KeyError
    for _ in dl: break
    assert same(dl, ours(11, bs=4))

def test_two_passes_at_once():
    dl = ours(11, bs=4)
    assert all(same([a], [b]) for a,b in zip(dl, dl))

def test_transforms_of_whole_batches_are_called():
    dl = ours(5, bs=2, after_batch=lambda b: (b[0]+1,b[1]))
    assert torch.equal(next(iter(dl))[0], xy(5)[0][:2]+1)

@pytest.fixture
def learn():
    set_seed(0)
    x = torch.randn(60, 3)
    y = x.sum(1, keepdim=True)
    dls = DataLoaders(TensorDataLoader((x,y), bs=8, shuffle=True), TensorDataLoader((x[:21],y[:21]), bs=8))
    return Learner(dls, nn.Linear(3, 1), loss_func=nn.MSELoss(), opt_func=SGD)

def test_learner_trains_validates_and_predicts(learn):
    with learn.no_bar(),learn.no_logging():
        before = learn.validate()[0]
        learn.fit(5, 0.1)
        assert learn.recorder.values[-1][1] < before/10
        for ds_idx,n in ((0,60),(1,21)):
            preds,targs = learn.get_preds(ds_idx)
            data = learn.dls[ds_idx].dataset.tensors
            assert torch.equal(targs, data[1]) and torch.allclose(preds, learn.model(data[0]), atol=1e-5) and len(preds)==n
        learn.lr_find(show_plot=False, num_it=10)
    assert learn.dls.one_batch()[0].shape==(8,3) and learn.dls.valid_ds[2][0].shape==(3,)

def test_an_epoch_needs_little_more_memory_than_the_data():
    torch.set_num_threads(1)
    x,y = torch.zeros(20_000, 784),torch.zeros(20_000, 1)
    from torch.profiler import profile
    with profile(profile_memory=True, activities=[torch.profiler.ProfilerActivity.CPU]) as prof:
        for xb,yb in TensorDataLoader((x,y), bs=256, shuffle=True): pass
    held = peak = 0
    for e in sorted(prof.profiler.kineto_results.events(), key=lambda e: e.start_ns()):
        if e.name()=='[memory]': held += e.nbytes(); peak = max(peak, held)
    assert 256*784*4 <= peak < 0.3*x.nbytes, peak
