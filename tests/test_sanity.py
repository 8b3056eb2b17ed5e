"""`check_setup`: it names the fault of a faulty set-up and no other, says nothing of a sound one, and changes neither.

A set-up is a function that returns the arguments of `check_setup`. `@faulty('loss: broadcast')` says what is wrong with one (if it
names two checks, either will do), `also` which genuine second faults it has; `@sound` says that nothing is. `pytest -s` prints the counts."""
import math,operator,random,re
from collections import Counter
from functools import cache,partial
from types import SimpleNamespace

import numpy as np,pytest,torch,torch.nn.functional as F
from torch import nn,tensor
from torch.utils.data import DataLoader as TorchLoader,Dataset,TensorDataset

from mnist_course.cross_entropy import accuracy,cross_entropy # before fastai: the package silences a warning of its import
from mnist_course.data import load_mnist
from mnist_course.learner import BasicLearner,get_dls,simple_net
from mnist_course.loss_functions import init_params,linear1,mnist_loss,sample_xy
from mnist_course.manual_sgd import batch_accuracy
from mnist_course.optimizer import BasicOptim
from mnist_course.checkup import check_setup
from mnist_course.ten_digits import mnist_xy
from fastai.data.core import DataLoaders,Datasets
from fastai.data.load import DataLoader
from fastai.learner import Learner
from fastai.losses import BCEWithLogitsLossFlat,CrossEntropyLossFlat,FocalLossFlat
from fastai.metrics import accuracy as fastai_accuracy,accuracy_multi,error_rate
from fastai.optimizer import SGD,Adam,OptimWrapper,RMSProp
from fastai.torch_core import set_seed
from fastai.vision.core import PILImage

CHECKS = {f'{group}: {check}' for group,checks in dict(
    data=['batches','labels','pairing','disjoint','shuffled','scale'],
    loss=['value','broadcast','direction','gradient','activation','finite','mean','start'],
    metric=['value','broadcast','column','threshold','count'],
    training=['parameters','gradients','zero_grad','overfit','learning rate']).items() for check in checks}
SEEDS,FAULTY,SOUND = {},{},{}

def register(table, f, *what):
    assert f.__name__ not in {**SEEDS,**FAULTY,**SOUND}, f'there are two set-ups {f.__name__}'
    table[f.__name__] = f,*what
    return f

def faulty(*names, also=()):
    "`check_setup` has to name at least one of `names`, and nothing besides but `also`"
    assert names and {*names,*also} <= CHECKS
    return lambda f: register(FAULTY, f, {*names}, {*also})

def seed(*names):
    "`check_setup` has to name all of `names`; the set-up may have other faults"
    assert names and {*names} <= CHECKS
    return lambda f: register(SEEDS, f, {*names})

def sound(f): return register(SOUND, f)

@pytest.fixture(scope='module', autouse=True)
def one_thread():
    n = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n)


# Data: pairs (x,y) for training and validation

@cache
def read(xy, n):
    "`n` training and 300 validation items of what `xy` returns, in a mixed order"
    g,res = torch.Generator().manual_seed(0),[]
    for split,m in (('train',n),('test',300)):
        x,y = xy(split)
        i = torch.randperm(len(x), generator=g)[:m]
        res.append((x[i],y[i]))
    return res

def items(xy, y=None, x=None, n=1000):
    "Items as `read` gives them, after `x` has been applied to the inputs and `y` to the labels"
    return [(xs if x is None else x(xs), ys if y is None else y(ys)) for xs,ys in read(xy, n)]

two = partial(items, sample_xy) # 3s and 7s: labels (n,1), 1 for a 3 and 0 for a 7
ten = partial(items, mnist_xy)  # all digits: labels (n,)

def flat(y): return y.view(-1)
def column(y): return y.view(-1, 1)
def floats(y): return y.float()
def flat_floats(y): return y.view(-1).float()
def onehot2(y): return F.one_hot(y.view(-1), 2)
def onehot10(y): return F.one_hot(y, 10).float()
def images(x): return x.view(-1, 1, 28, 28)
def grey(x): return x*255
def standard(x): return (x-0.1307)/0.3081
def other_order(y): return y[torch.randperm(len(y), generator=torch.Generator().manual_seed(1))]
def by_label(xy):
    i = xy[1].view(len(xy[1]), -1)[:,-1].sort(stable=True).indices
    return xy[0][i],xy[1][i]
def sort(data): return [by_label(o) for o in data]

def toy(make, n=600, n_valid=200, **kw):
    "Training and validation items of a generated data set"
    return [make(m, torch.Generator().manual_seed(i), **kw) for i,m in enumerate((n,n_valid))]

def blobs(n, g, k=3, n_in=8, width=0.7):
    y = torch.randint(0, k, (n,), generator=g)
    centres = torch.randn(k, n_in, generator=torch.Generator().manual_seed(9))
    return centres[y] + width*torch.randn(n, n_in, generator=g),y

def moons(n, g):
    y,angle = torch.randint(0, 2, (n,), generator=g),math.pi*torch.rand(n, generator=g)
    x = torch.stack([angle.cos(),angle.sin()], 1)
    return torch.where(y[:,None]==1, tensor([1.,0.5])-x, x) + 0.08*torch.randn(n, 2, generator=g),y[:,None]

def spiral(n, g):
    y,r = torch.randint(0, 2, (n,), generator=g),torch.rand(n, generator=g).sqrt()
    angle = 4*r + math.pi*y
    return torch.stack([angle.cos(),angle.sin()], 1)*r[:,None] + 0.02*torch.randn(n, 2, generator=g),y

def xor(n, g, noise=0.15):
    bits = torch.randint(0, 2, (n,2), generator=g)
    return bits*2.-1 + noise*torch.randn(n, 2, generator=g),(bits[:,0]^bits[:,1])[:,None].float()

def rare(data, share=9):
    "Ten times as many 7s as 3s, roughly"
    def keep(y): return (y.view(-1)==0) | (torch.arange(len(y))%share==0)
    return [(x[keep(y)],y[keep(y)]) for x,y in data]


# Loaders: pairs of a training and a validation one

def torch_dls(train, valid, bs=64, **kw):
    return TorchLoader(TensorDataset(*train), bs, **{'shuffle':True,**kw}),TorchLoader(TensorDataset(*valid), bs)

fast_dls = partial(get_dls, bs=64)
def fast_dls_unshuffled(train, valid, bs=64): return DataLoaders(*(DataLoader(list(zip(*o)), bs=bs) for o in (train,valid)))

def batches(xy, bs=64): return list(zip(*(o.split(bs) for o in xy)))
def list_dls(train, valid, bs=64): return batches(train, bs),batches(valid, bs)

class Batches:
    "A loader of one's own: it shuffles and gives tensors"
    def __init__(self, x, y, bs=64): self.x,self.y,self.bs = x,y,bs
    def __iter__(self): return ((self.x[i],self.y[i]) for i in torch.randperm(len(self.x)).split(self.bs))

class PerItem(Dataset):
    def __init__(self, xy, item): self.xy,self.item = xy,item
    def __len__(self): return len(self.xy[0])
    def __getitem__(self, i): return self.item(self.xy[0][i], self.xy[1][i])


# Models

def linear(k=1, std=0.01, n_in=784):
    "Parameters and a function that uses them"
    w,b = init_params((n_in,k), std),init_params(k, std)
    return [w,b],partial(linear1, weights=w, bias=b)

def net(*last, n_out=10, n_in=784, nh=30): return nn.Sequential(nn.Linear(n_in,nh), nn.ReLU(), nn.Linear(nh,n_out), *last)

def conv_net(norm=False, n_out=10):
    def layer(a, b): return [nn.Conv2d(a, b, 3, stride=2, padding=1),*[nn.BatchNorm2d(b)]*norm,nn.ReLU()]
    return nn.Sequential(*layer(1,8), *layer(8,16), nn.Flatten(), nn.Linear(784,n_out))

def normal(model, std=1.):
    for p in model.parameters(): nn.init.normal_(p, std=std)
    return model

class Wrap(nn.Module):
    "A module whose `forward` is a function of itself and `x`, over the given parts"
    def __init__(self, f, **parts):
        super().__init__()
        self.f = f
        for k,v in parts.items(): setattr(self, k, v)
    def forward(self, x): return self.f(self, x)

def fitted(model, train, loss_func, steps=60, lr=0.01):
    "`model` after some steps of Adam"
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    for i in range(steps):
        xb,yb = (o[i*64%960:][:64] for o in train)
        loss_func(model(xb), yb).backward()
        opt.step()
        opt.zero_grad()
    return model


# Losses and metrics, as people write them: `p` predictions, `y` labels

def distance(p, y): return torch.where(y==1, 1-p, p).mean()
def sigmoid_distance(p, y): return distance(p.sigmoid(), y)
def right_column(p, y): return p[range(len(y)), y]
def hit(p, y): return (p.argmax(1)==y).float().mean()
def one_hot_hit(p, y): return (p.argmax(1)==y.argmax(1)).float().mean()
def over_0(p, y): return ((p>0)==y).float().mean()
def over_half(p, y): return ((p>0.5)==y).float().mean()

def by_hand(data, k=1, std=0.01, dls=fast_dls, lr=None, **kw):
    "A linear model by hand"
    params,model = linear(k, std, data[0][0].shape[1])
    return dict(dls=dls(*data), model=model, params=params, lr=lr, **kw)


# The four notebooks that the course grew out of

def half_sample(split, every=6):
    "All 3s, then all 7s"
    x,y = sample_xy(split)
    return x[::every],y[::every]

def seed_001(train, valid, shuffle):
    params,model = linear(1, std=1.)
    dls = tuple(DataLoader(list(zip(*o)), bs=256, shuffle=s) for o,s in ((train,shuffle),(valid,False)))
    return dict(dls=dls, model=model, params=params, loss_func=sigmoid_distance, metrics=batch_accuracy, lr=1.)

@seed('data: pairing')
def seed_001_images_as_their_own_targets():
    return seed_001(*[(x,x) for x,_ in (half_sample('train'),half_sample('test'))], shuffle=False)

@seed('data: shuffled')
def seed_001_pairing_mended(): return seed_001(half_sample('train'), half_sample('test'), shuffle=False)

@sound
def seed_001_mended(): return seed_001(half_sample('train'), half_sample('test'), shuffle=True)

def seed_002(loss_func, metric, std=1., mended=False):
    train,valid = ((x,flat(y)) for x,y in (half_sample('train'),half_sample('test')))
    params,model = linear(2, std)
    train_dl = TorchLoader(TensorDataset(*train), 128, shuffle=mended)
    valid_dl = TorchLoader(TensorDataset(*(valid if mended else train)), 128)
    return dict(dls=(train_dl,valid_dl), model=model, params=params, loss_func=loss_func, metrics=metric, lr=1. if std==1 else 0.5)

def first_column(p, y): return ((p.softmax(1)[:,0]>0.5) == y).float().mean()
def second_column(p, y): return ((p.softmax(1)[:,1]>0.5) == y).float().mean()

@seed('loss: direction', 'metric: column', 'data: disjoint', 'data: shuffled')
def seed_002_first_run(): return seed_002(lambda p,y: right_column(p.softmax(1), y).mean(), first_column)

@seed('loss: finite', 'metric: column', 'data: disjoint', 'data: shuffled')
def seed_002_second_run(): return seed_002(lambda p,y: -right_column(p.softmax(1), y).log().mean(), first_column)

@sound
def seed_002_first_run_mended(): return seed_002(lambda p,y: -right_column(p.softmax(1), y).mean(), second_column, mended=True)

@sound
def seed_002_second_run_mended():
    return seed_002(lambda p,y: -right_column(p.log_softmax(1), y).mean(), second_column, std=0.01, mended=True)

@seed('metric: broadcast', 'data: shuffled', 'loss: start')
def seed_003_linear():
    params,model = linear(10, std=1.)
    return dict(dls=fast_dls_unshuffled(*sort(ten(column, n=2000)), bs=128), model=model, params=params, lr=0.1,
        loss_func=lambda p,y: F.cross_entropy(p, y.squeeze(1)), metrics=hit)

@sound
def seed_003_linear_mended(): return by_hand(ten(n=2000), 10, dls=partial(get_dls, bs=128), loss_func=F.cross_entropy, metrics=hit, lr=0.5)

@seed('training: learning rate')
def seed_003_net():
    dls = fast_dls_unshuffled(*sort(ten(column, n=2000)), bs=128)
    return dict(dls=Learner(dls, net(), lambda p,y: F.cross_entropy(p, y.squeeze(1)), opt_func=SGD, metrics=hit))

@sound
def seed_003_net_mended():
    return dict(dls=Learner(get_dls(*ten(n=2000), bs=128), net(), F.cross_entropy, opt_func=SGD, lr=0.1, metrics=hit))

def seed_000_items(split):
    x,y = half_sample(split)
    return list(zip(x, y))

@seed('data: batches', 'loss: activation', 'training: learning rate')
def seed_000_by_hand():
    params,model = linear(1, std=1.)
    return dict(dls=(seed_000_items('train'),seed_000_items('test')), model=model, params=params, loss_func=distance, lr=1.)

@seed('loss: broadcast', 'metric: broadcast')
def seed_000_by_hand_without_a_column():
    w,b = init_params(784),init_params(1)
    dls = tuple(DataLoader(seed_000_items(o), bs=256, shuffle=True) for o in ('train','test'))
    return dict(dls=dls, model=lambda xb: (xb*w).sum(1) + b, params=[w,b], loss_func=sigmoid_distance, metrics=over_0, lr=1.)

@sound
def seed_000_by_hand_mended():
    w,b = init_params(784),init_params(1)
    dls = tuple(DataLoader(seed_000_items(o), bs=256, shuffle=o=='train') for o in ('train','test'))
    return dict(dls=dls, model=lambda xb: (xb*w).sum(1, keepdim=True) + b, params=[w,b], loss_func=sigmoid_distance,
        metrics=batch_accuracy, lr=1.)

@seed('data: batches', 'training: parameters')
def seed_000_learner():
    x,y = load_mnist('train', (3,7))
    dl = DataLoader([(PILImage.create(a.numpy()),(b==3).long()[None]) for a,b in zip(x[:300], y[:300])], bs=64, shuffle=True)
    model = simple_net()
    return dict(dls=Learner(dl, model, loss_func=nn.BCEWithLogitsLoss(), opt_func=torch.optim.SGD(model.parameters(), lr=0.1),
        metrics=batch_accuracy))

def seed_000_mended(y, **kw):
    return dict(dls=Learner(fast_dls(*two(y, n=2000)), simple_net(), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD,
        metrics=batch_accuracy, **kw))

@seed('loss: value')
def seed_000_learner_with_whole_numbers(): return seed_000_mended(y=None, lr=0.1)

@seed('training: learning rate')
def seed_000_learner_with_the_default_rate(): return seed_000_mended(y=floats)

@sound
def seed_000_learner_mended(): return seed_000_mended(y=floats, lr=0.1)


# data: batches

def one_column(dls, **kw): return dict(dls=dls, model=simple_net(), loss_func=mnist_loss, **kw)
def ten_columns(dls, model=None, loss_func=F.cross_entropy, **kw):
    return dict(dls=dls, model=net() if model is None else model, loss_func=loss_func, **kw)

@faulty('data: batches')
def an_empty_validation_loader(): return ten_columns((torch_dls(*ten())[0],[]))

@faulty('data: batches')
def a_single_torch_loader(): return ten_columns(torch_dls(*ten())[0], metrics=accuracy)

@faulty('data: batches')
def a_single_fastai_loader(): return one_column(fast_dls(*two()).train, metrics=batch_accuracy, lr=0.5)

@faulty('data: batches')
def data_loaders_with_one_loader(): return ten_columns(DataLoaders(fast_dls(*ten()).train))

@faulty('data: batches')
def batches_of_one(): return ten_columns(torch_dls(*ten(), bs=1), metrics=accuracy)

@faulty('data: batches')
def data_sets_for_loaders(): return ten_columns(tuple(TensorDataset(*o) for o in ten()))

@faulty('data: batches')
def zip_for_a_loader():
    (x,y),valid = ten()
    return ten_columns((zip(x.split(64), y.split(64)),batches(valid)))

@faulty('data: batches')
def generator_for_a_validation_loader():
    train,valid = two()
    return one_column((batches(train),(o for o in batches(valid))), metrics=batch_accuracy)

@faulty('data: batches')
def inputs_without_labels(): return one_column(tuple(TorchLoader(TensorDataset(x), 64) for x,_ in two()))

@faulty('data: batches')
def batches_that_are_dicts():
    return ten_columns(tuple(TorchLoader(PerItem(o, lambda x,y: dict(image=x, label=y)), 64, shuffle=True) for o in ten()), metrics=accuracy)

@faulty('data: batches')
def items_that_raise():
    def item(x, y): raise FileNotFoundError('train/3/7.png')
    return one_column(tuple(DataLoader(PerItem(o, item), bs=64, shuffle=True) for o in two()))


# data: labels

@faulty('data: labels')
def labels_from_1_to_10(): return ten_columns(torch_dls(*ten(lambda y: y+1)), metrics=accuracy, lr=0.1)

@faulty('data: labels')
def labels_of_minus_1_for_two_columns(): return ten_columns(fast_dls(*two(lambda y: flat(y)*2-1)), net(n_out=2), cross_entropy)

@faulty('data: labels')
def labels_of_minus_1_for_one_column():
    return ten_columns(torch_dls(*two(lambda y: y*2.-1)), simple_net(), nn.BCEWithLogitsLoss(), metrics=batch_accuracy)

@faulty('data: labels')
def digits_3_and_7_for_one_column(): return by_hand(two(lambda y: 7-4*y), loss_func=sigmoid_distance, metrics=batch_accuracy, lr=1.)

@faulty('data: labels')
def three_classes_for_one_column(): return dict(dls=list_dls(*toy(blobs)), model=net(nn.Flatten(0), n_in=8, n_out=1), loss_func=sigmoid_distance)

@faulty('data: labels')
def thousand_columns_for_ten_digits(): return ten_columns(torch_dls(*ten()), net(n_out=1000), nn.CrossEntropyLoss(), metrics=fastai_accuracy)

@faulty('data: labels')
def half_an_image_in_each_row():
    model = nn.Sequential(nn.Unflatten(1, (2,392)), nn.Flatten(0, 1), nn.Linear(392, 10))
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy)

@faulty('data: labels')
def label_lost_in_each_batch():
    return ten_columns(tuple([(xb,yb[1:]) for xb,yb in batches(o)] for o in ten()), nn.Linear(784, 10))


@faulty('data: labels')
def validation_labels_from_1_to_10():
    train,(vx,vy) = ten()
    return ten_columns(torch_dls(train, (vx,vy+1)))

@faulty('data: batches')
def labels_that_are_words(): return ten_columns(tuple(TorchLoader(PerItem(o, lambda x,y: (x,str(y.item()))), 64, shuffle=True) for o in ten()))

@faulty('data: batches')
def last_batch_of_one_for_batch_norm():
    train,valid = ten(n=641)
    return ten_columns(torch_dls(train, valid), nn.Sequential(nn.Linear(784, 30), nn.BatchNorm1d(30), nn.Linear(30, 10)))


# data: pairing

@faulty('data: pairing')
def labels_in_another_order(): return ten_columns(torch_dls(*ten(other_order)), metrics=accuracy)

@faulty('data: pairing')
def labels_of_one_column_in_another_order(): return one_column(fast_dls(*two(other_order)), metrics=batch_accuracy)

@faulty('data: pairing')
def only_training_labels_in_another_order():
    (x,y),valid = ten(n=2000)
    return ten_columns(list_dls((x,other_order(y)), valid))

@faulty('data: pairing')
def labels_shifted_by_one(): return ten_columns(torch_dls(*ten(lambda y: y.roll(1))), nn.Linear(784, 10), lr=0.1)

@faulty('data: pairing')
def labels_shifted_by_a_batch():
    return dict(dls=Learner(fast_dls(*two(lambda y: y.roll(-64))), simple_net(), mnist_loss, metrics=batch_accuracy))

@faulty('data: pairing')
def inputs_shuffled_without_their_labels():
    def collate(rows):
        x,y = (torch.stack(o) for o in zip(*rows))
        return x[torch.randperm(len(x))],y
    return ten_columns(tuple(TorchLoader(TensorDataset(*o), 64, shuffle=True, collate_fn=collate) for o in ten()))

@faulty('data: pairing')
def table_with_its_labels_in_another_order():
    data = [(x,other_order(y)) for x,y in toy(blobs)]
    return ten_columns(torch_dls(*data), net(n_in=8, n_out=3), metrics=accuracy)

@faulty('data: pairing')
def inputs_for_targets_of_ten_columns(): return ten_columns(fast_dls(*[(x,x) for x,_ in ten()]))


@faulty('data: pairing')
def only_validation_labels_in_another_order():
    train,(vx,vy) = ten()
    return ten_columns(torch_dls(train, (vx,other_order(vy))), metrics=accuracy)

@faulty('data: pairing')
def validation_labels_the_other_way_round():
    train,(vx,vy) = two()
    return one_column(fast_dls(train, (vx,1-vy)), metrics=batch_accuracy)


# data: disjoint

@faulty('data: disjoint')
def one_loader_twice():
    dl = torch_dls(*ten())[0]
    return ten_columns((dl,dl), metrics=accuracy)

@faulty('data: disjoint')
def one_data_set_in_two_loaders():
    train,_ = two(n=600)
    return one_column(fast_dls(train, train), metrics=batch_accuracy)

@faulty('data: disjoint')
def training_items_in_half_of_the_validation_set():
    (x,y),(vx,vy) = ten()
    return ten_columns(torch_dls((x,y), (torch.cat([x[:150],vx[:150]]),torch.cat([y[:150],vy[:150]]))))

@faulty('data: disjoint')
def validation_items_added_to_the_training_set():
    (x,y),(vx,vy) = two()
    return dict(dls=BasicLearner(fast_dls((torch.cat([x,vx]),torch.cat([y,vy])), (vx,vy)), simple_net(), mnist_loss, lr=0.5,
        metrics=batch_accuracy))

@faulty('data: disjoint')
def table_split_with_an_overlap():
    x,y = toy(blobs)[0]
    return ten_columns(torch_dls((x[:450],y[:450]), (x[350:],y[350:])), net(n_in=8, n_out=3), metrics=[accuracy,error_rate])


# data: shuffled

@faulty('data: shuffled')
def sorted_digits_unshuffled(): return ten_columns(torch_dls(*sort(ten()), shuffle=False), metrics=accuracy)

@faulty('data: shuffled')
def sixty_thousand_sorted_digits_in_a_list(): return ten_columns(list_dls(by_label(mnist_xy('train')), ten()[1], bs=256), metrics=accuracy)

@faulty('data: shuffled')
def sorted_digits_in_a_list(): return ten_columns(list_dls(*sort(ten())), nn.Linear(784, 10), lr=0.1)

@faulty('data: shuffled')
def sorted_column_unshuffled(): return one_column(fast_dls_unshuffled(*sort(two())), metrics=batch_accuracy)

@faulty('data: shuffled')
def sorted_one_hot_unshuffled(): return ten_columns(torch_dls(*[(x,onehot10(y)) for x,y in sort(ten())], shuffle=False), loss_func=nn.CrossEntropyLoss())

@faulty('data: shuffled')
def sorted_downwards_in_a_learner():
    data = [(x.flip(0),y.flip(0)) for x,y in sort(two(flat))]
    return dict(dls=Learner(fast_dls_unshuffled(*data), net(n_out=2), CrossEntropyLossFlat(), metrics=fastai_accuracy))


# data: scale

@faulty('data: scale', also=['loss: start']) # its scores are hundreds, so its cross-entropy does start high
def grey_levels_up_to_255(): return ten_columns(torch_dls(*ten(x=grey)), nn.Linear(784, 10), metrics=accuracy)

@faulty('data: scale', also=['training: learning rate'])
def grey_levels_for_a_linear_model_by_hand(): return by_hand(two(x=grey), loss_func=mnist_loss, metrics=batch_accuracy, lr=1.)

@faulty('data: scale', also=['loss: start'])
def grey_levels_in_a_learner(): return dict(dls=Learner(fast_dls(*ten(x=grey)), net(), CrossEntropyLossFlat(), metrics=error_rate))

@faulty('data: scale')
def divided_by_255_twice(): return ten_columns(torch_dls(*ten(x=lambda x: x/255)), metrics=accuracy)

@faulty('data: scale')
def divided_by_255_in_the_model_once_more():
    return one_column(fast_dls(*two())) | dict(model=Wrap(lambda self, x: self.net(x/255), net=simple_net()))

@faulty('data: scale')
def pixels_that_are_infinite(): return one_column(torch_dls(*two(x=lambda x: 1/x)), lr=0.1)

@faulty('data: scale')
def standardised_by_pixels_without_spread(): return ten_columns(torch_dls(*ten(x=lambda x: (x-x.mean(0))/x.std(0))), nn.Linear(784, 10))

@faulty('data: scale', also=['loss: start'])
def inputs_far_from_0():
    return ten_columns(torch_dls(*[(x+1000,y) for x,y in toy(blobs)]), net(n_in=8, n_out=3), metrics=accuracy)

@faulty('data: scale', also=['loss: start'])
def column_of_a_table_in_its_own_units():
    return ten_columns(list_dls(*[(x*tensor([1.,1,1,1,1,1,1,1e5]),y) for x,y in toy(blobs)]), nn.Linear(8, 3))


@faulty('data: scale')
def validation_inputs_not_divided():
    train,(vx,vy) = ten()
    return ten_columns(torch_dls(train, (vx*255,vy)))

@faulty('data: scale', also=['loss: start'])
def grey_levels_for_a_gru():
    model = Wrap(lambda self, x: self.last(self.rnn(x.view(-1, 28, 28))[0][:,-1]), rnn=nn.GRU(28, 16, batch_first=True), last=nn.Linear(16, 10))
    return ten_columns(torch_dls(*ten(x=grey)), model)


# loss: value

@faulty('loss: value')
def whole_numbers_for_bce(): return one_column(torch_dls(*two())) | dict(loss_func=nn.BCEWithLogitsLoss(), metrics=batch_accuracy)

@faulty('loss: value')
def a_column_of_labels_for_cross_entropy(): return ten_columns(torch_dls(*ten(column)))

@faulty('loss: value')
def labels_in_floats_for_cross_entropy(): return dict(dls=BasicLearner(fast_dls(*ten(floats)), net(), F.cross_entropy, metrics=accuracy))

@faulty('loss: value')
def flat_labels_for_a_column_of_bce(): return by_hand(two(flat_floats), loss_func=F.binary_cross_entropy_with_logits)

@faulty('loss: value')
def loss_of_each_item(): return ten_columns(torch_dls(*ten()), loss_func=nn.CrossEntropyLoss(reduction='none'), metrics=accuracy)

@faulty('loss: value')
def loss_and_accuracy_in_a_pair(): return ten_columns(fast_dls(*ten()), loss_func=lambda p,y: (F.cross_entropy(p, y),hit(p, y)))

@faulty('loss: value')
def loss_without_a_return():
    def loss_func(p, y): loss = F.cross_entropy(p, y)
    return ten_columns(torch_dls(*ten()), loss_func=loss_func, metrics=accuracy, lr=0.1)

@faulty('loss: value', 'loss: activation')
def logarithm_of_raw_scores(): return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: F.nll_loss(p.log(), y))

@faulty('loss: value', 'loss: activation')
def raw_scores_for_bce_of_probabilities(): return one_column(torch_dls(*two(floats))) | dict(loss_func=nn.BCELoss())


# loss: broadcast

@faulty('loss: broadcast')
def flat_labels_meet_a_column(): return by_hand(two(flat), loss_func=sigmoid_distance)

@faulty('loss: broadcast')
def flat_predictions_meet_a_column():
    model = Wrap(lambda self, x: self.net(x).squeeze(1), net=simple_net())
    return dict(dls=torch_dls(*two(floats)), model=model, loss_func=lambda p,y: ((p.sigmoid()-y)**2).mean(), lr=0.5)

@faulty('loss: broadcast')
def mse_broadcasts_with_a_warning():
    return dict(dls=list_dls(*two(flat_floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=nn.MSELoss())

@faulty('loss: broadcast')
def bce_by_hand_broadcasts():
    return dict(dls=fast_dls(*two(flat)), model=simple_net(), loss_func=lambda p,y: (F.softplus(p)-p*y).mean(),
        metrics=lambda p,y: ((p[:,0]>0)==y).float().mean())

@faulty('loss: broadcast', also=['metric: broadcast'])
def learner_whose_loss_and_metric_broadcast():
    return dict(dls=Learner(fast_dls(*two(flat)), simple_net(), sigmoid_distance, opt_func=SGD, lr=0.5, metrics=over_0))


# loss: direction

@faulty('loss: direction')
def mnist_loss_with_its_branches_swapped():
    return by_hand(two(), loss_func=lambda p,y: torch.where(y==1, p.sigmoid(), 1-p.sigmoid()).mean(), metrics=batch_accuracy)

@faulty('loss: direction')
def log_likelihood_without_a_minus():
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: right_column(p.log_softmax(1), y).mean(), metrics=accuracy)

@faulty('loss: direction')
def minus_nll_loss(): return ten_columns(list_dls(*ten()), net(nn.LogSoftmax(1)), lambda p,y: -F.nll_loss(p, y))

@faulty('loss: direction')
def probability_of_the_other_column():
    return ten_columns(fast_dls(*two(flat)), net(n_out=2), lambda p,y: F.cross_entropy(p, 1-y), metrics=accuracy)

@faulty('loss: direction')
def probability_of_the_next_column(): return ten_columns(torch_dls(*ten()), nn.Linear(784, 10), lambda p,y: F.cross_entropy(p, (y+1)%10))

@faulty('loss: direction')
def learner_that_maximises_the_distance():
    return dict(dls=Learner(fast_dls(*two(floats)), net(nn.Sigmoid(), n_out=1), lambda p,y: 1-F.l1_loss(p, y), metrics=over_half))

@faulty('loss: direction', 'loss: gradient')
def loss_that_agrees_with_whatever_is_predicted(): return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: F.cross_entropy(p, p.argmax(1)))


@faulty('loss: direction')
def only_the_term_of_label_1(): return one_column(fast_dls(*two())) | dict(loss_func=lambda p,y: -(y*F.logsigmoid(p)).mean())

@faulty('loss: direction')
def label_0_ignored(): return ten_columns(torch_dls(*ten()), loss_func=nn.CrossEntropyLoss(ignore_index=0))


# loss: gradient

@faulty('loss: gradient')
def accuracy_as_a_loss(): return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: 1-hit(p, y), metrics=hit)

@faulty('loss: gradient')
def loss_of_an_item(): return ten_columns(fast_dls(*ten()), loss_func=lambda p,y: F.cross_entropy(p, y).item(), metrics=accuracy)

@faulty('loss: gradient')
def loss_made_a_leaf():
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: tensor(F.cross_entropy(p, y).item(), requires_grad=True), lr=0.1)

@faulty('loss: gradient')
def loss_detached(): return dict(dls=BasicLearner(fast_dls(*two()), simple_net(), lambda p,y: mnist_loss(p, y).detach(), metrics=batch_accuracy))

@faulty('loss: gradient')
def loss_of_rounded_probabilities(): return by_hand(two(), loss_func=lambda p,y: (p.sigmoid().round()-y).abs().mean(), metrics=batch_accuracy)

@faulty('loss: gradient')
def loss_in_numpy():
    def loss_func(p, y):
        p = 1/(1+np.exp(-p.detach().numpy()))
        return tensor(np.where(y.numpy()==1, 1-p, p).mean())
    return one_column(list_dls(*two())) | dict(loss_func=loss_func)

@faulty('loss: gradient')
def loss_of_data(): return dict(dls=Learner(fast_dls(*ten()), net(), lambda p,y: F.cross_entropy(p.data, y)))


# loss: activation

@faulty('loss: activation')
def raw_scores_from_1(): return by_hand(two(), loss_func=distance, metrics=batch_accuracy)

@faulty('loss: activation')
def raw_scores_of_the_right_column_from_1():
    return ten_columns(torch_dls(*two(flat)), net(n_out=2), lambda p,y: 1-right_column(p, y).mean(), metrics=accuracy)

@faulty('loss: activation')
def raw_scores_for_nll_loss(): return ten_columns(torch_dls(*ten()), loss_func=nn.NLLLoss(), metrics=accuracy)

@faulty('loss: activation')
def raw_scores_for_mse(): return dict(dls=fast_dls(*two(floats)), model=simple_net(), loss_func=F.mse_loss)

@faulty('loss: activation')
def softmax_before_cross_entropy(): return ten_columns(torch_dls(*ten()), net(nn.Softmax(1)), nn.CrossEntropyLoss(), metrics=accuracy)

@faulty('loss: activation')
def softmax_in_a_learner():
    return dict(dls=Learner(fast_dls(*ten()), net(nn.Softmax(dim=-1)), CrossEntropyLossFlat(), metrics=[fastai_accuracy,error_rate]))

@faulty('loss: activation')
def sigmoid_before_bce_with_logits():
    return dict(dls=torch_dls(*two(floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=nn.BCEWithLogitsLoss(), metrics=over_half)

@faulty('loss: activation')
def sigmoid_before_mnist_loss(): return one_column(fast_dls(*two())) | dict(model=net(nn.Sigmoid(), n_out=1), metrics=over_half)

@faulty('loss: activation')
def sigmoid_in_the_function_and_in_the_loss():
    params,model = linear()
    return dict(dls=list_dls(*two()), model=lambda xb: model(xb).sigmoid(), params=params, loss_func=sigmoid_distance)


# loss: finite

@faulty('loss: finite')
def logarithm_of_softmax():
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: -right_column(p.softmax(1), y).log().mean(), metrics=accuracy)

@faulty('loss: finite')
def logarithm_of_a_sum_of_exponentials():
    return ten_columns(fast_dls(*ten()), loss_func=lambda p,y: (p.exp().sum(1).log()-right_column(p, y)).mean(), metrics=accuracy)

@faulty('loss: finite')
def logarithm_of_sigmoid():
    def loss_func(p, y): return -torch.where(y==1, p.sigmoid().log(), (1-p.sigmoid()).log()).mean()
    return by_hand(two(), loss_func=loss_func, metrics=batch_accuracy)

@faulty('loss: finite')
def softplus_by_hand(): return dict(dls=BasicLearner(fast_dls(*two()), simple_net(), lambda p,y: ((1+p.exp()).log()-p*y).mean(), lr=0.1))

@faulty('loss: finite')
def logarithm_of_the_models_softmax(): return ten_columns(list_dls(*ten()), net(nn.Softmax(1)), lambda p,y: F.nll_loss(p.log(), y))

@faulty('loss: finite')
def cross_entropy_of_the_models_sigmoid():
    return dict(dls=torch_dls(*two(floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=lambda p,y: -(y*p.log()+(1-y)*(1-p).log()).mean(),
        metrics=over_half)


# loss: mean

@faulty('loss: mean')
def sum_of_cross_entropies(): return ten_columns(torch_dls(*ten()), loss_func=nn.CrossEntropyLoss(reduction='sum'), metrics=accuracy)

@faulty('loss: mean')
def sum_of_distances(): return by_hand(two(), loss_func=lambda p,y: torch.where(y==1, 1-p.sigmoid(), p.sigmoid()).sum(), metrics=batch_accuracy)

@faulty('loss: mean')
def mean_times_the_batch_size():
    return ten_columns(fast_dls(*ten()), loss_func=lambda p,y: F.cross_entropy(p, y)*len(y), metrics=accuracy, lr=0.001)

@faulty('loss: mean')
def learner_with_a_sum(): return dict(dls=Learner(fast_dls(*ten()), net(), CrossEntropyLossFlat(reduction='sum'), metrics=error_rate))


# loss: start

@faulty('loss: start')
def ten_columns_of_wide_weights(): return by_hand(ten(), 10, std=1., loss_func=cross_entropy, metrics=accuracy)

@faulty('loss: start')
def two_columns_of_wide_weights(): return by_hand(two(flat), 2, std=1., loss_func=F.cross_entropy, dls=torch_dls)

@faulty('loss: start')
def one_column_of_wide_weights(): return by_hand(two(floats), std=1., loss_func=F.binary_cross_entropy_with_logits, metrics=batch_accuracy)

@faulty('loss: start')
def net_of_wide_weights(): return ten_columns(torch_dls(*ten()), normal(net()), metrics=accuracy)


# metric: value

@faulty('metric: value')
def hits_of_each_item(): return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.argmax(1)==y).float())

@faulty('metric: value')
def number_of_hits(): return ten_columns(list_dls(*ten()), metrics=lambda p,y: (p.argmax(1)==y).sum(), lr=0.1)

@faulty('metric: value')
def accuracy_in_percent(): return one_column(fast_dls(*two()), metrics=lambda p,y: 100*batch_accuracy(p, y))

@faulty('metric: value')
def mean_of_booleans(): return ten_columns(torch_dls(*ten()), metrics=[accuracy,lambda p,y: (p.argmax(1)==y).mean()])

@faulty('metric: value')
def metric_that_prints(): return dict(dls=BasicLearner(fast_dls(*two()), simple_net(), mnist_loss, lr=0.5, metrics=lambda p,y: print(end='')))

@faulty('metric: value')
def metric_that_refuses_flat_labels():
    return dict(dls=torch_dls(*two(flat_floats)), model=simple_net(), loss_func=lambda p,y: F.binary_cross_entropy_with_logits(p[:,0], y),
        metrics=batch_accuracy)


# metric: broadcast

@faulty('metric: broadcast')
def thresholds_meet_flat_labels():
    return dict(dls=list_dls(*two(flat)), model=simple_net(), loss_func=lambda p,y: mnist_loss(p, y[:,None]),
        metrics=lambda p,y: ((p.sigmoid()>0.5)==y).float().mean())

@faulty('metric: broadcast')
def flat_thresholds_meet_a_column():
    def right(p, y): return ((p>0).squeeze()==y).float().mean()
    return dict(dls=Learner(fast_dls(*two(floats)), simple_net(), nn.BCEWithLogitsLoss(), metrics=right))

@faulty('metric: broadcast')
def argmax_meets_a_column_in_numpy():
    def right(p, y): return (p.detach().numpy().argmax(1)==y.numpy()).mean()
    return ten_columns(fast_dls(*two()), net(n_out=2), CrossEntropyLossFlat(), metrics=[fastai_accuracy,right])

@faulty('metric: broadcast')
def two_metrics_that_broadcast():
    def right(p, y): return (p.argmax(1)==y).double().mean().item()
    return ten_columns(torch_dls(*ten(column)), loss_func=CrossEntropyLossFlat(), metrics=[hit,right])


# metric: column

@faulty('metric: column')
def probability_of_the_first_column(): return ten_columns(torch_dls(*two(flat)), net(n_out=2), metrics=first_column)

@faulty('metric: column')
def smallest_score(): return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.argmin(1)==y).float().mean())

@faulty('metric: column')
def scores_below_0(): return one_column(fast_dls(*two()), metrics=lambda p,y: ((p<0)==y).float().mean())

@faulty('metric: column')
def accuracy_that_counts_the_misses():
    def accuracy(p, y): return ((p>0.5)!=y).float().mean()
    return dict(dls=torch_dls(*two(floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=F.binary_cross_entropy, metrics=accuracy)


# metric: threshold

@faulty('metric: threshold')
def scores_that_equal_labels(): return one_column(torch_dls(*two()), metrics=lambda p,y: (p==y).float().mean())

@faulty('metric: threshold')
def probabilities_that_equal_labels():
    return dict(dls=fast_dls(*two(floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=nn.BCELoss(), metrics=lambda p,y: (p==y).float().mean())

@faulty('metric: threshold')
def half_as_threshold_of_raw_scores(): return by_hand(two(), loss_func=mnist_loss, metrics=over_half)

@faulty('metric: threshold')
def raw_scores_rounded(): return one_column(list_dls(*two()), metrics=lambda p,y: (p.round()==y).float().mean())

@faulty('metric: threshold')
def nought_as_threshold_of_probabilities():
    return dict(dls=torch_dls(*two(floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=nn.BCELoss(), metrics=batch_accuracy)

@faulty('metric: threshold')
def sigmoid_before_half_of_probabilities():
    return dict(dls=Learner(fast_dls(*two(floats)), net(nn.Sigmoid(), n_out=1), nn.BCELoss(), metrics=accuracy_multi))

@faulty('metric: threshold')
def fastai_accuracy_of_one_column(): return dict(dls=Learner(fast_dls(*two()), simple_net(), BCEWithLogitsLossFlat(), metrics=fastai_accuracy))

@faulty('metric: threshold')
def rounded_before_the_argmax(): return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.softmax(1).round().argmax(1)==y).float().mean())

@faulty('metric: threshold')
def whole_scores_before_the_argmax(): return ten_columns(list_dls(*ten()), metrics=lambda p,y: (p.int().argmax(1)==y).float().mean())

@faulty('metric: threshold')
def argmax_of_the_whole_batch(): return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.argmax()==y).float().mean())

@faulty('metric: threshold', 'metric: value')
def argmax_along_the_batch(): return ten_columns(fast_dls(*ten()), metrics=lambda p,y: (p.argmax(0)==y).float().mean())


# metric: count

@faulty('metric: count')
def hits_over_a_batch_size_of_another_loader(): return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.argmax(1)==y).sum()/256)

@faulty('metric: count')
def hits_of_one_class_only(): return one_column(fast_dls(*two()), metrics=lambda p,y: ((p>0)&(y==1)).float().mean())

@faulty('metric: count')
def hits_within_one_digit(): return ten_columns(list_dls(*ten()), metrics=[accuracy,lambda p,y: ((p.argmax(1)-y).abs()<2).float().mean()])

@faulty('metric: count')
def hits_of_the_first_four_items(): return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.argmax(1)==y)[:4].float().mean())


# training: parameters

@faulty('training: parameters')
def bias_not_among_the_params():
    params,model = linear()
    return dict(dls=fast_dls(*two()), model=model, params=params[:1], loss_func=mnist_loss, lr=1.)

@faulty('training: parameters')
def layers_in_a_list():
    def forward(self, x):
        for o in self.layers: x = o(x).relu()
        return self.last(x)
    return ten_columns(torch_dls(*ten()), Wrap(forward, layers=[nn.Linear(784, 30)], last=nn.Linear(30, 10)), metrics=accuracy)

@faulty('training: parameters')
def tensor_that_is_no_parameter():
    model = Wrap(lambda self, x: self.last((x@self.w).relu()), w=init_params((784,30), 0.05), last=nn.Linear(30, 10))
    return dict(dls=Learner(fast_dls(*ten()), model, F.cross_entropy, lr=0.02, metrics=accuracy))

@faulty('training: parameters')
def weights_that_are_no_leaf():
    w,b = init_params((784,1))*0.01,init_params(1)
    return dict(dls=torch_dls(*two()), model=lambda xb: xb@w + b, params=[w,b], loss_func=mnist_loss, metrics=batch_accuracy)

@faulty('training: parameters')
def weights_without_requires_grad():
    w,b = torch.randn(784, 10)*0.01,torch.zeros(10)
    return dict(dls=list_dls(*ten()), model=partial(linear1, weights=w, bias=b), params=[w,b], loss_func=cross_entropy, metrics=accuracy, lr=0.1)

@faulty('training: parameters')
def all_frozen(): return ten_columns(torch_dls(*ten()), net().requires_grad_(False), metrics=accuracy)

@faulty('training: parameters')
def optimizer_for_a_function():
    model = net()
    return ten_columns(torch_dls(*ten()), model, opt_func=torch.optim.SGD(model.parameters(), lr=0.1), metrics=accuracy)

@faulty('training: parameters')
def parameters_of_another_model(): return ten_columns(torch_dls(*ten()), params=list(net().parameters()), lr=0.1)

@faulty('training: parameters')
def parameters_of_the_last_layer_only():
    model = net()
    return ten_columns(list_dls(*ten()), model, params=list(model[-1].parameters()), metrics=accuracy)


# training: gradients

@faulty('training: gradients')
def layer_that_is_not_used():
    model = Wrap(lambda self, x: self.b(self.a(x).relu()), a=nn.Linear(784, 30), forgotten=nn.Linear(30, 30), b=nn.Linear(30, 10))
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy)

def body_and_head(f):
    return Wrap(lambda self, x: self.head(f(self.body(x))), body=nn.Sequential(nn.Linear(784, 30), nn.ReLU()), head=nn.Linear(30, 10))

@faulty('training: gradients')
def detached_inside(): return ten_columns(torch_dls(*ten()), body_and_head(torch.detach), metrics=accuracy)

@faulty('training: gradients')
def data_inside(): return dict(dls=Learner(fast_dls(*ten()), body_and_head(lambda h: h.data), F.cross_entropy, lr=0.02, metrics=accuracy))

@faulty('training: gradients')
def numpy_inside(): return ten_columns(list_dls(*ten()), body_and_head(lambda h: torch.from_numpy(h.detach().numpy())), metrics=accuracy)

@faulty('training: gradients')
def body_without_grad():
    def forward(self, x):
        with torch.no_grad(): h = self.body(x)
        return self.head(h)
    return dict(dls=BasicLearner(fast_dls(*two()), Wrap(forward, body=nn.Linear(784, 30), head=nn.Linear(30, 1)), mnist_loss, lr=5.))

@faulty('training: gradients')
def units_that_are_dead():
    model = net()
    nn.init.constant_(model[0].bias, -1000.)
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy)

@faulty('training: gradients')
def all_weights_nought():
    model = net()
    for p in model.parameters(): nn.init.zeros_(p)
    return ten_columns(fast_dls(*ten()), model)


# training: zero_grad

def no_zero(opt_func):
    "A class like `opt_func` whose `zero_grad` does nothing"
    return type('NoZero', (opt_func,), dict(zero_grad=lambda self, *args, **kwargs: None))

@faulty('training: zero_grad')
def step_without_zeroing():
    params,model = linear(10)
    def step(xb, yb):
        cross_entropy(model(xb), yb).backward()
        with torch.no_grad():
            for p in params: p -= 0.05*p.grad
    return dict(dls=fast_dls(*ten()), model=model, params=params, loss_func=cross_entropy, metrics=accuracy, step=step)

@faulty('training: zero_grad')
def zero_grad_that_does_nothing(): return by_hand(two(), loss_func=mnist_loss, opt_func=no_zero(BasicOptim), lr=0.1, metrics=batch_accuracy)

@faulty('training: zero_grad')
def zero_grad_that_does_nothing_in_a_learner():
    return dict(dls=BasicLearner(fast_dls(*ten()), net(), cross_entropy, no_zero(torch.optim.SGD), lr=0.05))

@faulty('training: zero_grad')
def step_over_a_generator_of_parameters():
    model = net()
    params = model.parameters()
    def step(xb, yb):
        F.cross_entropy(model(xb), yb).backward()
        with torch.no_grad():
            for p in params:
                p -= 0.1*p.grad
                p.grad = None
    return ten_columns(torch_dls(*ten()), model, step=step)

class KeepsGenerator(BasicOptim):
    def __init__(self, params, lr): self.params,self.lr = params,lr

@faulty('training: zero_grad')
def optimizer_that_keeps_a_generator(): return dict(dls=BasicLearner(fast_dls(*two()), simple_net(), mnist_loss, KeepsGenerator, lr=0.5))


def with_step(make):
    "A network with a step of its own, which `make` returns for the model and its optimizer"
    model = net()
    return ten_columns(torch_dls(*ten()), model, step=make(model, torch.optim.SGD(model.parameters(), lr=0.1)))

@faulty('training: zero_grad')
def step_that_raises(): return with_step(lambda model, opt: lambda xb: None)

@faulty('training: zero_grad')
def optimizer_that_takes_no_rate(): return ten_columns(torch_dls(*ten()), opt_func=lambda params: None, lr=0.1)

@faulty('training: zero_grad')
def step_without_opt_step(): return with_step(lambda model, opt: lambda xb, yb: F.cross_entropy(model(xb), yb).backward())

@faulty('training: zero_grad')
def step_without_backward(): return with_step(lambda model, opt: lambda xb, yb: (F.cross_entropy(model(xb), yb),opt.step(),opt.zero_grad()))

@faulty('training: zero_grad')
def clipping_without_zeroing():
    def make(model, opt):
        def step(xb, yb):
            F.cross_entropy(model(xb), yb).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            opt.step()
        return step
    return with_step(make)

@sound
def step_that_zeroes_first_and_clips():
    def make(model, opt):
        def step(xb, yb):
            opt.zero_grad()
            F.cross_entropy(model(xb), yb, label_smoothing=0.1).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            opt.step()
        return step
    return with_step(make)

@sound
def step_with_a_penalty_and_noise():
    def make(model, opt):
        def step(xb, yb):
            opt.zero_grad()
            (F.cross_entropy(model(xb+0.1*torch.randn_like(xb)), yb) + 1e-2*sum(p.square().sum() for p in model.parameters())).backward()
            opt.step()
        return step
    return with_step(make)


# training: overfit

@faulty('training: overfit')
def relu_after_the_last_layer(): return dict(dls=torch_dls(*two(floats)), model=net(nn.ReLU(), n_out=1), loss_func=nn.BCEWithLogitsLoss())

@faulty('training: overfit')
def noise_for_the_input(): return ten_columns(torch_dls(*ten()), Wrap(lambda self, x: self.net(torch.randn_like(x)), net=nn.Linear(784, 10)))

@faulty('training: overfit')
def outputs_squeezed_to_a_hundredth():
    return dict(dls=fast_dls(*two(floats)), model=Wrap(lambda self, x: 0.01*self.net(x).tanh(), net=simple_net()),
        loss_func=F.binary_cross_entropy_with_logits)

@faulty('training: overfit')
def line_through_xor(): return dict(dls=torch_dls(*toy(xor)), model=nn.Linear(2, 1), loss_func=nn.BCEWithLogitsLoss())

@faulty('training: overfit')
def mean_of_the_batch_for_the_input():
    params,model = linear(10)
    return dict(dls=list_dls(*ten()), model=lambda xb: model(xb.mean(0).expand(len(xb), -1)), params=params, loss_func=F.cross_entropy)


@faulty('training: overfit')
def lstm_along_the_batch():
    model = Wrap(lambda self, x: self.last(self.rnn(x.view(-1, 28, 28))[0][:,-1]), rnn=nn.LSTM(28, 16), last=nn.Linear(16, 10))
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy)

@faulty('training: overfit')
def dropout_that_never_ends(): return ten_columns(torch_dls(*ten()), Wrap(lambda self, x: self.net(F.dropout(x, 0.5)), net=net()))


# training: learning rate

@faulty('training: learning rate')
def rate_of_a_hundred(): return ten_columns(torch_dls(*ten()), lr=100., metrics=accuracy)

@faulty('training: learning rate')
def rate_of_ten_for_adam(): return ten_columns(list_dls(*ten()), opt_func=torch.optim.Adam, lr=10.)

@faulty('training: learning rate')
def rate_too_high_for_momentum(): return dict(dls=Learner(fast_dls(*ten()), net(), F.cross_entropy, opt_func=partial(SGD, mom=0.9), lr=5.))

@faulty('training: learning rate')
def rate_below_nought(): return by_hand(two(), loss_func=mnist_loss, metrics=batch_accuracy, opt_func=BasicOptim, lr=-1.)

@faulty('training: learning rate')
def step_uphill():
    params,model = linear(10)
    def step(xb, yb):
        cross_entropy(model(xb), yb).backward()
        with torch.no_grad():
            for p in params:
                p += 0.5*p.grad
                p.grad = None
    return dict(dls=fast_dls(*ten()), model=model, params=params, loss_func=cross_entropy, step=step, lr=0.5)

@faulty('training: learning rate')
def rate_of_a_ten_thousandth(): return ten_columns(torch_dls(*ten()), lr=1e-4, metrics=accuracy)

@faulty('training: learning rate')
def rate_of_a_thousandth_in_a_basic_learner():
    return dict(dls=BasicLearner(fast_dls(*two()), simple_net(), mnist_loss, lr=0.001, metrics=batch_accuracy))

@faulty('training: learning rate')
def default_rate_of_fastai_for_torch_sgd():
    return dict(dls=Learner(fast_dls(*ten()), net(), CrossEntropyLossFlat(), opt_func=partial(OptimWrapper, opt=torch.optim.SGD),
        metrics=error_rate))

@faulty('training: learning rate')
def rate_of_a_ten_millionth_for_adam(): return ten_columns(fast_dls(*ten()), opt_func=Adam, lr=1e-7)


# Sound: one column

@sound
def chapter_3(): return by_hand(two(), std=1., loss_func=mnist_loss, metrics=batch_accuracy, lr=1., dls=get_dls)

@sound
def chapter_4():
    return dict(dls=get_dls(*two()), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy, opt_func=BasicOptim, lr=1.)

@sound
def chapter_5(): return dict(dls=BasicLearner(fast_dls(*two(n=2000)), simple_net(), mnist_loss, lr=0.1, metrics=batch_accuracy))

@sound
def chapter_5_with_fastai():
    return dict(dls=Learner(fast_dls(*two(n=2000)), simple_net(), mnist_loss, opt_func=SGD, lr=0.1, metrics=batch_accuracy))

@sound
def readme(): return dict(dls=BasicLearner(get_dls(*two()), simple_net(), mnist_loss, lr=1., metrics=batch_accuracy))

@sound
def nothing_but_data_model_and_loss(): return one_column(torch_dls(*two()))

@sound
def lambda_over_global_weights():
    w,b = init_params((784,1), 0.01),init_params(1, 0.01)
    return dict(dls=list_dls(*two()), model=lambda xb: xb@w + b, loss_func=sigmoid_distance, metrics=batch_accuracy, lr=1.)

@sound
def bce_with_logits():
    return dict(dls=torch_dls(*two(floats)), model=nn.Linear(784, 1), loss_func=nn.BCEWithLogitsLoss(), metrics=batch_accuracy, lr=0.1)

@sound
def bce_after_sigmoid():
    return dict(dls=torch_dls(*two(floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=nn.BCELoss(), metrics=over_half, lr=0.5)

@sound
def bce_of_flat_predictions():
    model = Wrap(lambda self, x: self.net(x).squeeze(1), net=simple_net())
    return dict(dls=torch_dls(*two(flat_floats)), model=model, loss_func=F.binary_cross_entropy_with_logits, metrics=batch_accuracy, lr=0.2)

@sound
def bce_by_softplus():
    return by_hand(two(), loss_func=lambda p,y: (F.softplus(p)-p*y).mean(), metrics=lambda p,y: ((p>0)==y).float().mean().item(), lr=0.2)

@sound
def bce_with_clamped_probabilities():
    def loss_func(p, y):
        p = p.sigmoid().clamp(1e-6, 1-1e-6)
        return -(y*p.log()+(1-y)*(1-p).log()).mean()
    return by_hand(two(floats), loss_func=loss_func, metrics=batch_accuracy, lr=0.1)

@sound
def flat_labels_that_the_loss_unsqueezes():
    return dict(dls=fast_dls(*two(flat)), model=simple_net(), loss_func=lambda p,y: mnist_loss(p, y.unsqueeze(1)),
        metrics=lambda p,y: ((p.squeeze(1)>0)==y).float().mean())

@sound
def mse_of_a_sigmoid():
    params,model = linear()
    return dict(dls=list_dls(*two(floats)), model=lambda xb: model(xb).sigmoid(), params=params, loss_func=nn.MSELoss(),
        metrics=over_half, lr=0.5)

@sound
def l1_of_a_sigmoid():
    return dict(dls=fast_dls(*two(floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=F.l1_loss,
        metrics=lambda p,y: (p.round()==y).float().mean(), lr=0.5)

@sound
def labels_of_bool(): return by_hand(two(lambda y: y.bool()), loss_func=sigmoid_distance, metrics=over_0, lr=1.)

@sound
def labels_of_bytes(): return by_hand(two(lambda y: y.byte()), loss_func=sigmoid_distance, metrics=batch_accuracy, lr=1., dls=torch_dls)

@sound
def labels_of_floats_for_mnist_loss(): return one_column(fast_dls(*two(floats)), metrics=batch_accuracy, lr=1.)

@sound
def fastai_bce():
    return dict(dls=Learner(fast_dls(*two()), simple_net(), BCEWithLogitsLossFlat(), metrics=partial(accuracy_multi, thresh=0., sigmoid=False)))

@sound
def accuracy_multi_of_scores():
    return dict(dls=torch_dls(*two(floats)), model=simple_net(), loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi, lr=0.1)

@sound
def few_of_one_class():
    return dict(dls=torch_dls(*rare(two(floats, n=2000))), model=simple_net(), loss_func=nn.BCEWithLogitsLoss(), metrics=batch_accuracy, lr=0.2)

@sound
def few_of_one_class_weighted():
    return dict(dls=fast_dls(*rare(two(floats, n=2000))), model=simple_net(), loss_func=nn.BCEWithLogitsLoss(pos_weight=tensor(4.)),
        metrics=batch_accuracy, lr=0.1)

@sound
def moons_with_a_small_net():
    return dict(dls=torch_dls(*toy(moons)), model=net(n_in=2, n_out=1), loss_func=mnist_loss, metrics=batch_accuracy,
        opt_func=torch.optim.Adam, lr=0.01)

@sound
def xor_with_noise():
    return dict(dls=torch_dls(*toy(xor)), model=net(n_in=2, n_out=1), loss_func=nn.BCEWithLogitsLoss(), metrics=batch_accuracy,
        opt_func=torch.optim.Adam, lr=0.01)

@sound
def xor_of_four_points():
    return dict(dls=list_dls(*toy(xor, noise=0.)), model=net(nn.Sigmoid(), n_in=2, n_out=1), loss_func=nn.BCELoss(), metrics=over_half, lr=0.5)


# Sound: two columns

@sound
def probability_of_the_wrong_column():
    return ten_columns(torch_dls(*two(flat)), nn.Linear(784, 2), lambda p,y: 1-right_column(p.softmax(1), y).mean(),
        metrics=second_column, lr=0.5)

@sound
def one_hot_and_soft_targets():
    return ten_columns(torch_dls(*two(lambda y: onehot2(y).float())), net(n_out=2), nn.CrossEntropyLoss(), metrics=one_hot_hit, lr=0.2)

@sound
def mse_of_a_softmax():
    def loss_func(p, y): return F.mse_loss(p, onehot2(y).float())
    return ten_columns(list_dls(*two(flat)), net(nn.Softmax(1), n_out=2), loss_func, metrics=hit, lr=0.5)

@sound
def focal_loss():
    def loss_func(p, y):
        log_p = right_column(p.log_softmax(1), y)
        return -((1-log_p.exp())**2*log_p).mean()
    return ten_columns(torch_dls(*two(flat)), net(n_out=2), loss_func, metrics=hit, lr=0.5)

@sound
def second_score_greater():
    return by_hand(two(flat), 2, loss_func=F.cross_entropy, metrics=lambda p,y: ((p[:,1]>p[:,0])==y).float().mean(), lr=0.1, dls=torch_dls)

@sound
def bce_of_two_columns():
    return ten_columns(torch_dls(*two(lambda y: onehot2(y).float())), nn.Linear(784, 2), nn.BCEWithLogitsLoss(), metrics=one_hot_hit, lr=0.2)

@sound
def column_of_labels_that_fastai_flattens():
    return dict(dls=Learner(fast_dls(*two()), net(n_out=2), CrossEntropyLossFlat(), opt_func=SGD, lr=0.1, metrics=[fastai_accuracy,error_rate]))

@sound
def spiral_with_two_hidden_layers():
    model = nn.Sequential(nn.Linear(2, 50), nn.ReLU(), nn.Linear(50, 50), nn.ReLU(), nn.Linear(50, 2))
    return ten_columns(torch_dls(*toy(spiral, n=1000)), model, metrics=accuracy, opt_func=torch.optim.Adam, lr=0.01)


# Sound: ten columns

@sound
def chapter_7_by_hand(): return by_hand(ten(n=2000), 10, loss_func=cross_entropy, metrics=accuracy, lr=0.5, dls=get_dls)

@sound
def chapter_7_with_fastai(): return dict(dls=Learner(fast_dls(*ten()), simple_net(30, 10), cross_entropy, metrics=accuracy))

@sound
def label_smoothing(): return ten_columns(torch_dls(*ten()), loss_func=nn.CrossEntropyLoss(label_smoothing=0.1), metrics=accuracy, lr=0.2)

@sound
def class_weights():
    return ten_columns(torch_dls(*ten()), loss_func=nn.CrossEntropyLoss(weight=torch.linspace(0.5, 2, 10)), metrics=accuracy, lr=0.2)

@sound
def nll_after_log_softmax(): return ten_columns(fast_dls(*ten()), net(nn.LogSoftmax(1)), nn.NLLLoss(), metrics=accuracy, lr=0.2)

@sound
def cross_entropy_after_log_softmax():
    return ten_columns(torch_dls(*ten()), net(nn.LogSoftmax(1)), F.cross_entropy, metrics=accuracy, lr=0.2) # the second changes nothing

@sound
def logarithm_of_softmax_plus_a_little():
    return ten_columns(list_dls(*ten()), net(nn.Softmax(1)), lambda p,y: F.nll_loss((p+1e-6).log(), y), metrics=hit, lr=0.1)

@sound
def one_hot_mse_of_a_softmax():
    return ten_columns(torch_dls(*ten(onehot10)), net(nn.Softmax(1)), nn.MSELoss(), metrics=one_hot_hit, opt_func=torch.optim.Adam, lr=0.005)

@sound
def column_of_labels_squeezed():
    return ten_columns(torch_dls(*ten(column)), loss_func=lambda p,y: F.cross_entropy(p, y.squeeze(1)),
        metrics=lambda p,y: (p.argmax(1, keepdim=True)==y).float().mean(), lr=0.1)

@sound
def bytes_for_labels(): return ten_columns(list_dls(*ten(lambda y: y.byte())), metrics=hit, lr=0.1)

@sound
def fastai_focal_loss(): return dict(dls=Learner(fast_dls(*ten()), net(), FocalLossFlat(), lr=0.003, metrics=fastai_accuracy))

@sound
def several_metrics():
    def right(p, y): return (p.argmax(dim=-1)==y).sum().item()/len(y)
    def wrong(p, y): return 1-hit(p, y)
    right.__name__,wrong.__name__ = 'accuracy','error'
    return ten_columns(fast_dls(*ten()), metrics=[fastai_accuracy,error_rate,right,wrong], lr=0.1)

@sound
def loss_among_the_metrics(): return dict(dls=BasicLearner(fast_dls(*ten()), net(), cross_entropy, lr=0.1, metrics=[accuracy,cross_entropy]))

@sound
def metric_in_numpy(): return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.detach().numpy().argmax(1)==y.numpy()).mean(), lr=0.1)

@sound
def small_conv_net(): return ten_columns(torch_dls(*ten(x=images, n=600)), conv_net(), metrics=accuracy, opt_func=torch.optim.Adam, lr=0.003)

@sound
def conv_net_with_batch_norm():
    return dict(dls=Learner(fast_dls(*ten(x=images, n=600)), conv_net(norm=True), CrossEntropyLossFlat(), metrics=fastai_accuracy, lr=0.005))

@sound
def batch_norm_first_on_grey_levels():
    model = nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 8, 5, stride=3), nn.ReLU(), nn.Flatten(), nn.Linear(512, 10))
    return ten_columns(torch_dls(*ten(x=lambda x: images(x)*255, n=600)), model, metrics=accuracy, lr=0.05)

@sound
def bytes_that_the_model_scales():
    return ten_columns(torch_dls(*ten(x=lambda x: grey(x).byte())), Wrap(lambda self, x: self.net(x.float()/255), net=net()),
        metrics=accuracy, lr=0.1)

@sound
def grey_levels_that_the_function_scales():
    params,model = linear(10)
    return dict(dls=fast_dls(*ten(x=grey)), model=lambda xb: model(xb/255), params=params, loss_func=F.cross_entropy, metrics=hit, lr=0.2)

@sound
def standardised_inputs(): return ten_columns(torch_dls(*ten(x=standard)), metrics=accuracy, lr=0.05)

@sound
def dropout():
    return ten_columns(torch_dls(*ten()), nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Dropout(0.5), nn.Linear(100, 10)),
        metrics=accuracy, lr=0.2)

@sound
def batch_norm_and_dropout():
    model = nn.Sequential(nn.Linear(784, 50), nn.BatchNorm1d(50), nn.ReLU(), nn.Dropout(0.25), nn.Linear(50, 10))
    return dict(dls=Learner(DataLoaders(*torch_dls(*ten(), drop_last=True)), model, nn.CrossEntropyLoss(), lr=0.01, metrics=accuracy))

@sound
def layer_norm_and_gelu():
    model = nn.Sequential(nn.LayerNorm(784), nn.Linear(784, 30), nn.GELU(), nn.Linear(30, 10))
    return ten_columns(list_dls(*ten()), model, metrics=accuracy, opt_func=partial(torch.optim.AdamW, weight_decay=0.1), lr=0.003)

@sound
def last_layer_of_noughts():
    model = net()
    for p in model[-1].parameters(): nn.init.zeros_(p)
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy, lr=0.5)

@sound
def linear_model_of_noughts():
    w,b = (torch.zeros(o, requires_grad=True) for o in ((784,10),10))
    return dict(dls=fast_dls(*ten()), model=lambda xb: xb@w + b, params=[w,b], loss_func=cross_entropy, metrics=accuracy, lr=0.2)

@sound
def frozen_body():
    model = net(nh=100)
    model[0].requires_grad_(False)
    return ten_columns(torch_dls(*ten()), model, params=[p for p in model.parameters() if p.requires_grad], metrics=accuracy,
        opt_func=torch.optim.Adam, lr=0.02)

@sound
def frozen_body_in_a_learner():
    model = net(nh=100)
    model[0].requires_grad_(False)
    return dict(dls=Learner(fast_dls(*ten()), model, F.cross_entropy, lr=0.02, metrics=accuracy))

@sound
def tied_weights():
    model = Wrap(lambda self, x: self.head(F.linear(self.mix(self.mix(self.first(x)).relu()).relu(), self.mix.weight.t())),
        first=nn.Linear(784, 30), mix=nn.Linear(30, 30), head=nn.Linear(30, 10))
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy, opt_func=torch.optim.Adam, lr=0.003)

@sound
def rows_of_pixels_in_a_gru():
    model = Wrap(lambda self, x: self.head(self.rnn(x.view(-1, 28, 28))[0][:,-1]), rnn=nn.GRU(28, 24, batch_first=True), head=nn.Linear(24, 10))
    return ten_columns(torch_dls(*ten(n=600)), model, metrics=accuracy, opt_func=torch.optim.Adam, lr=0.02)

@sound
def parameters_of_one_s_own():
    model = Wrap(lambda self, x: linear1(linear1(x, self.w1, self.b1).tanh(), self.w2, self.b2), **{k: nn.Parameter(torch.randn(o)*0.05)
        for k,o in dict(w1=(784,30), b1=30, w2=(30,10), b2=10).items()})
    return ten_columns(fast_dls(*ten()), model, metrics=accuracy, lr=0.2)


# Sound: optimizers, learning rates and steps

@sound
def sgd_with_momentum(): return ten_columns(torch_dls(*ten()), opt_func=partial(torch.optim.SGD, momentum=0.9), lr=0.02, metrics=accuracy)

@sound
def sgd_with_weight_decay(): return ten_columns(list_dls(*ten()), opt_func=partial(SGD, mom=0.9, wd=0.01), lr=0.03, metrics=accuracy)

@sound
def adam_of_fastai(): return ten_columns(fast_dls(*ten()), opt_func=Adam, lr=0.001, metrics=accuracy)

@sound
def rmsprop_of_fastai(): return dict(dls=Learner(fast_dls(*ten()), net(), cross_entropy, opt_func=RMSProp, lr=0.001, metrics=accuracy))

@sound
def rmsprop_of_torch(): return one_column(torch_dls(*two()), opt_func=torch.optim.RMSprop, lr=0.001, metrics=batch_accuracy)

@sound
def adam_of_torch_in_a_learner():
    return dict(dls=Learner(fast_dls(*ten()), net(), CrossEntropyLossFlat(), opt_func=partial(OptimWrapper, opt=torch.optim.Adam), lr=0.003,
        metrics=error_rate))

@sound
def high_but_bearable_rate(): return by_hand(ten(), 10, loss_func=cross_entropy, metrics=accuracy, lr=0.7, dls=get_dls)

@sound
def low_but_useful_rate(): return ten_columns(torch_dls(*ten()), nn.Linear(784, 10), metrics=accuracy, lr=0.03)

@sound
def high_rate_of_a_bounded_loss(): return one_column(fast_dls(*two()), metrics=batch_accuracy, lr=2.)

@sound
def params_from_a_generator():
    model = net()
    return ten_columns(torch_dls(*ten()), model, params=model.parameters(), lr=0.1, metrics=accuracy)

@sound
def step_by_hand():
    params,model = linear(10)
    def step(xb, yb):
        cross_entropy(model(xb), yb).backward()
        with torch.no_grad():
            for p in params:
                p -= 0.5*p.grad
                p.grad.zero_()
    return dict(dls=get_dls(*ten()), model=model, params=params, loss_func=cross_entropy, metrics=accuracy, step=step, lr=0.5)

@sound
def step_with_an_optimizer():
    model = simple_net()
    opt = torch.optim.SGD(model.parameters(), lr=0.5)
    def step(xb, yb):
        opt.zero_grad()
        mnist_loss(model(xb), yb).backward()
        opt.step()
    return one_column(torch_dls(*two())) | dict(model=model, step=step, metrics=batch_accuracy)


# Sound: data

@sound
def mixed_order_that_stays_the_same(): return ten_columns(torch_dls(*ten(), shuffle=False), metrics=accuracy, lr=0.1)

@sound
def one_batch_of_all(): return by_hand(ten(), 10, dls=partial(list_dls, bs=1000), loss_func=cross_entropy, metrics=accuracy, lr=0.5)

@sound
def one_sorted_batch_of_all(): return by_hand(sort(two()), dls=partial(list_dls, bs=1000), loss_func=mnist_loss, metrics=batch_accuracy, lr=1.)

@sound
def odd_last_batch(): return ten_columns(torch_dls(*ten(n=967), bs=64), metrics=accuracy, lr=0.1)

@sound
def drop_last(): return ten_columns(torch_dls(*ten(n=967), bs=64, drop_last=True), nn.Linear(784, 10), metrics=accuracy, lr=0.1)

@sound
def loader_of_one_s_own():
    train,valid = ten()
    return ten_columns((Batches(*train),Batches(*valid)), metrics=accuracy, lr=0.1)

@sound
def anything_with_train_and_valid():
    train,valid = torch_dls(*two())
    return one_column(SimpleNamespace(train=train, valid=valid), metrics=batch_accuracy, lr=0.5)

@sound
def data_sets_of_fastai():
    (x,y),(vx,vy) = ten(n=600)
    x,y = torch.cat([x,vx]),torch.cat([y,vy])
    dsets = Datasets(range(900), [[x.__getitem__],[y.__getitem__]], splits=(list(range(600)),list(range(600,900))))
    return dict(dls=Learner(dsets.dataloaders(bs=64, num_workers=0), net(), CrossEntropyLossFlat(), metrics=fastai_accuracy))

@sound
def noise_added_to_a_batch():
    def noise(b): return b[0]+0.1*torch.randn_like(b[0]),b[1]
    train,valid = (list(zip(*o)) for o in ten())
    return ten_columns(DataLoaders(DataLoader(train, bs=64, shuffle=True, after_batch=noise), DataLoader(valid, bs=64)),
        metrics=accuracy, lr=0.1)

@sound
def images_moved_at_random():
    def collate(rows):
        x,y = (torch.stack(o) for o in zip(*rows))
        return F.pad(x, (2,2,2,2))[..., (i := random.randint(0, 4)):i+28, (j := random.randint(0, 4)):j+28],y
    train,valid = ten(x=images, n=600)
    return ten_columns(torch_dls(train, valid, collate_fn=collate), conv_net(), metrics=accuracy, opt_func=torch.optim.Adam, lr=0.005)

@sound
def three_classes_of_a_table(): return ten_columns(torch_dls(*toy(blobs)), net(n_in=8, n_out=3), metrics=accuracy, lr=0.1)

@sound
def two_classes_of_a_table_and_few_items():
    return by_hand([(x,column(y)) for x,y in toy(blobs, n=200, k=2)], dls=partial(torch_dls, bs=20), loss_func=mnist_loss,
        metrics=batch_accuracy, lr=0.5)

@sound
def three_digits():
    def xy(split): return (lambda x,y: (x.view(-1, 784).float()/255,y))(*load_mnist(split, (0,1,2)))
    return ten_columns(torch_dls(*items(xy)), nn.Linear(784, 3), nn.CrossEntropyLoss(), metrics=[accuracy], lr=0.1)

@sound
def double_precision():
    return ten_columns(torch_dls(*ten(x=torch.Tensor.double)), net().double(), metrics=lambda p,y: (p.argmax(1)==y).double().mean(), lr=0.1)

@sound
def hinge_loss(): return by_hand(two(), loss_func=lambda p,y: (1-(2*y-1)*p).relu().mean(), metrics=batch_accuracy, lr=0.02)


class Stream(torch.utils.data.IterableDataset):
    def __init__(self, xy): self.xy = xy
    def __iter__(self): return (((self.xy[0][i],self.xy[1][i])) for i in torch.randperm(len(self.xy[0])).tolist())

@sound
def data_sets_that_can_only_be_walked(): return ten_columns(tuple(TorchLoader(Stream(o), 64) for o in ten()), metrics=accuracy)

class Endless(Batches):
    def __iter__(self):
        while True: yield from super().__iter__()

@sound
def endless_loader(): return ten_columns((Endless(*ten()[0], 600),batches(ten()[1])), metrics=accuracy)

@sound
def one_data_set_split_by_samplers():
    data,sampler = TensorDataset(*ten()[0]),torch.utils.data.SubsetRandomSampler
    return ten_columns(tuple(TorchLoader(data, 64, sampler=sampler(o)) for o in (range(800),range(800, 1000))), metrics=accuracy)

@sound
def batches_made_by_the_sampler():
    def dl(xy): return TorchLoader(TensorDataset(*xy), batch_size=None,
        sampler=torch.utils.data.BatchSampler(torch.utils.data.RandomSampler(xy[0]), 64, False))
    return ten_columns(tuple(map(dl, ten())), metrics=accuracy)

@sound
def classes_grouped_within_each_batch():
    return ten_columns(([by_label(o) for o in batches(ten()[0])],batches(ten()[1])), metrics=accuracy)

@sound
def groups_of_parameters_and_a_slice_of_rates():
    model = net()
    return ten_columns(torch_dls(*ten()), model, params=[dict(params=o.parameters()) for o in model], lr=slice(0.01, 0.1))

@sound
def sigmoid_layers_that_start_slowly():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))
    return dict(dls=torch_dls(*toy(xor)), model=model, loss_func=nn.BCEWithLogitsLoss(), metrics=batch_accuracy)

@sound
def tokens_for_an_embedding():
    def make(n, g): return (x := torch.randint(0, 50, (n,12), generator=g)),((x<3).sum(1)>0).long()
    return ten_columns(torch_dls(*toy(make)), nn.Sequential(nn.EmbeddingBag(50, 16), nn.Linear(16, 2)), metrics=accuracy)

@sound
def share_of_wrong_answers():
    def wrong(p, y): return ((p>0)!=y).float().mean()
    return one_column(fast_dls(*two()), metrics=[wrong,lambda p,y: np.array(batch_accuracy(p, y).item())])


# Sound: trained already

@sound
def trained_net():
    return ten_columns(torch_dls(*ten()), fitted(net(), ten()[0], F.cross_entropy), metrics=accuracy, opt_func=torch.optim.Adam, lr=0.001)

@sound
def trained_column():
    model = fitted(simple_net(), two()[0], mnist_loss)
    return dict(dls=fast_dls(*two()), model=model, loss_func=mnist_loss, metrics=batch_accuracy, lr=0.5)

@sound
def trained_function():
    params,model = linear(10)
    for _ in range(3):
        for xb,yb in batches(ten()[0]):
            cross_entropy(model(xb), yb).backward()
            with torch.no_grad():
                for p in params:
                    p -= 0.2*p.grad
                    p.grad = None
    return dict(dls=list_dls(*ten()), model=model, params=params, loss_func=cross_entropy, metrics=accuracy, lr=0.2)

@sound
def learner_after_a_fit():
    learn = BasicLearner(fast_dls(*two()), simple_net(), mnist_loss, lr=0.5, metrics=batch_accuracy)
    learn.fit(2)
    return dict(dls=learn)


# What check_setup says of them

RIGHT = dict(sound=[], faulty=[], seeds=[])

@cache
def check(name, seed=0):
    "The report on a set-up, after the seeds have been set"
    make = {**SEEDS,**FAULTY,**SOUND}[name][0]
    set_seed(seed)
    report = check_setup(**make())
    assert_consistent(report)
    return report

def assert_consistent(report):
    assert all(o.verdict in ('ok','wrong','not checked') for o in report.rows)
    assert {f'{o.group}: {o.check}' for o in report.rows} <= CHECKS
    assert {*report.wrong} == {f'{o.group}: {o.check}' for o in report.rows if o.verdict=='wrong'}
    assert len(report.wrong) == len({*report.wrong}), 'a check is named twice'
    assert report.ok is (not report.wrong)

@pytest.mark.parametrize('name', SEEDS)
def test_faults_of_the_first_notebooks_are_named(name):
    report = check(name)
    assert SEEDS[name][1] <= {*report.wrong}, report
    RIGHT['seeds'].append(name)

def two_of_each_fault():
    "The names of the faulty set-ups; further ones of a fault that two have already are slow tests"
    seen,res = Counter(),[]
    for name,(_,faults,_) in FAULTY.items():
        seen[frozenset(faults)] += 1
        res.append(pytest.param(name, marks=[pytest.mark.slow]*(seen[frozenset(faults)]>2)))
    return res

@pytest.mark.parametrize('name', two_of_each_fault())
def test_fault_is_named_and_no_other(name):
    report = check(name)
    _,names,also = FAULTY[name]
    assert names & {*report.wrong}, f'{names} is not in {report.wrong}\n{report}'
    assert {*report.wrong} <= names|also, f'{report.wrong} is more than {names|also}\n{report}'
    RIGHT['faulty'].append(name)

@pytest.mark.parametrize('name', SOUND)
def test_nothing_is_said_of_a_sound_setup(name):
    report = check(name)
    assert report.wrong==[] and report.ok, report
    RIGHT['sound'].append(name)

@pytest.mark.slow
@pytest.mark.parametrize('seed', range(1,3))
@pytest.mark.parametrize('name', ['chapter_3','chapter_7_by_hand','moons_with_a_small_net',
    'spiral_with_two_hidden_layers','dropout','xor_of_four_points'])
def test_sound_setups_are_sound_whatever_the_seed(name, seed): assert check(name, seed).wrong==[]

@pytest.mark.slow
@pytest.mark.parametrize('seed', range(1,3))
@pytest.mark.parametrize('name', ['labels_shifted_by_one','net_of_wide_weights','half_as_threshold_of_raw_scores',
    'rate_of_a_hundred','rate_of_a_ten_thousandth'])
def test_faults_are_named_whatever_the_seed(name, seed): assert check(name, seed).wrong==[*FAULTY[name][1]]


# The report

def find(report, name):
    "The rows of one check"
    return [o for o in report.rows if f'{o.group}: {o.check}'==name]

def test_every_check_has_its_row_and_says_something():
    report = check('chapter_7_by_hand')
    assert sorted(f'{o.group}: {o.check}' for o in report.rows) == sorted(CHECKS)
    for o in report.rows: assert o.text.strip() and '\n' not in o.text.strip(), o.check

@pytest.mark.parametrize('name', ['chapter_7_by_hand','several_metrics','flat_labels_meet_a_column','batches_that_are_dicts',
    'seed_000_learner','loss_without_a_return'])
def test_repr_is_a_table_with_a_line_for_each_row(name):
    report = check(name)
    lines = repr(report).splitlines()
    assert max(map(len, lines)) <= 200
    assert len(lines) >= len(report.rows)
    for o in report.rows: assert any(o.check in line for line in lines), f'{o.group}: {o.check} has no line in\n{report}'

@pytest.mark.parametrize('name', ['chapter_3','several_metrics','learner_whose_loss_and_metric_broadcast','items_that_raise'])
def test_markdown_is_a_table_with_a_line_for_each_row(name):
    report = check(name)
    lines = [o.strip() for o in report._repr_markdown_().splitlines()]
    table = [o for o in lines if o.startswith('|') and o.endswith('|')]
    assert sum(re.fullmatch(r'\|(\s*:?-+:?\s*\|)+', o) is not None for o in table) == 1
    assert len({len(re.findall(r'(?<!\\)\|', o)) for o in table}) == 1, 'not every line has as many cells'
    for o in report.rows: assert any(o.check in line for line in table), f'{o.group}: {o.check} has no line'

def test_metrics_are_all_read_and_a_fault_of_two_is_named_once():
    assert check('two_metrics_that_broadcast').wrong == ['metric: broadcast']
    kw = ten_columns(torch_dls(*ten()), metrics=[lambda p,y: (p.argmin(1)==y).float().mean(),accuracy,lambda p,y: (p.argmax(1)==y).float()])
    assert {*check_setup(**kw).wrong} == {'metric: column','metric: value'}

def test_what_was_not_given_is_not_checked():
    report = check('nothing_but_data_model_and_loss')
    assert {o.verdict for o in report.rows if o.group=='metric'} <= {'not checked'}
    assert [o.verdict for o in find(report, 'training: learning rate')] == ['not checked']

def test_fixed_order_is_ok_but_noted():
    fixed,shuffled = (find(check(o), 'data: shuffled')[0] for o in ('mixed_order_that_stays_the_same','dropout'))
    assert fixed.verdict == shuffled.verdict == 'ok'
    assert fixed.text != shuffled.text

def test_one_setup_gives_one_report(): assert repr(check('dropout')) == repr(check.__wrapped__('dropout'))


# Nothing is changed

def generators(): return [random.getstate(),np.random.get_state(),torch.get_rng_state(),torch.is_grad_enabled()]

def snapshot(tensors, modules=(), loaders=(), others=()):
    "What `check_setup` could change, in a form that `same` compares"
    hooks = [n for n in vars(nn.Module()) if n.endswith('_hooks')]
    return dict(values=[o.detach().clone() for o in tensors], tensors=[id(o) for o in tensors], requires=[o.requires_grad for o in tensors],
        grads=[o.grad for o in tensors], grad_values=[None if o.grad is None else o.grad.clone() for o in tensors],
        tensor_hooks=[len(o._backward_hooks or ()) for o in tensors], modes=[o.training for o in modules],
        hooks=[[len(getattr(o, n)) for n in hooks] for o in modules], names=[[*vars(o)] for o in [*modules,*others]],
        parts=[{k: id(v) for k,v in vars(o).items()} for o in others], rng=generators(), loader_rng=[rng_of(o) for o in loaders])

def rng_of(dl):
    "State of a loader's own generator, if it has one"
    if isinstance(dl, DataLoader): return dl.rng.getstate()
    if getattr(dl, 'generator', None) is not None: return dl.generator.get_state()

def same(a, b):
    if torch.is_tensor(a): return torch.is_tensor(b) and a.dtype==b.dtype and torch.equal(a, b)
    if isinstance(a, np.ndarray): return np.array_equal(a, b)
    if isinstance(a, dict): return a.keys()==b.keys() and all(same(v, b[k]) for k,v in a.items())
    if isinstance(a, (list,tuple)): return len(a)==len(b) and all(map(same, a, b))
    return type(a)==type(b) and a==b

def next_batches(loaders):
    "The first two batches of each loader, and all generators as they were"
    state,own = generators(),[rng_of(o) for o in loaders]
    res = [[next(it),next(it)] for it in map(iter, loaders)]
    random.setstate(state[0])
    np.random.set_state(state[1])
    torch.set_rng_state(state[2])
    for dl,s in zip(loaders, own):
        if isinstance(dl, DataLoader): dl.rng.setstate(s)
        elif s is not None: dl.generator.set_state(s)
    return res

def assert_untouched(kw, tensors, modules=(), loaders=(), others=()):
    "`check_setup(**kw)` leaves these tensors, modules, loaders and other objects, and all generators, as they are"
    modules,first = list(modules),next_batches(loaders)
    def look(): return snapshot(tensors, modules, loaders, others)
    before = look()
    report = check_setup(**kw)
    after = look()
    for k,v in before.items(): assert same(v, after[k]) if k!='grads' else all(map(operator.is_, v, after[k])), f'{k} changed'
    assert same(first, next_batches(loaders)), 'the loaders give other batches'
    assert not any(v for k,v in vars(nn.modules.module).items() if re.fullmatch(r'_global\w*_hooks', k)), 'a global hook was left'
    return report

def parts(model): return [*model.parameters(),*model.buffers()]

def rich_net(): return nn.Sequential(nn.Linear(784, 30), nn.BatchNorm1d(30), nn.ReLU(), nn.Dropout(), nn.Linear(30, 10))

@pytest.mark.parametrize('training', [True,False])
def test_module_with_batch_norm_and_dropout_is_untouched(training):
    set_seed(3)
    model,(xb,yb) = rich_net(),batches(ten()[0])[0]
    F.cross_entropy(model(xb), yb).backward()
    model.train(training)[1].train(not training) # one layer in the other mode
    dls = torch_dls(*ten())
    report = assert_untouched(ten_columns(dls, model, metrics=accuracy, lr=0.01, opt_func=torch.optim.Adam), parts(model), model.modules(), dls)
    assert report.ok, report

@pytest.mark.parametrize('given', [True,False], ids=['params','no params'])
def test_function_over_global_weights_with_gradients_is_untouched(given):
    set_seed(3)
    (w,b),model = linear(10)
    cross_entropy(model(ten()[0][0][:64]), ten()[0][1][:64]).backward()
    b.grad = None # one has a gradient and the other has none
    dls,kw = fast_dls(*ten()),dict(params=[w,b]) if given else {}
    assert_untouched(dict(dls=dls, model=model, loss_func=cross_entropy, metrics=accuracy, lr=0.5, **kw), [w,b], loaders=[dls.train,dls.valid])

def test_learner_of_fastai_is_untouched():
    set_seed(3)
    learn = Learner(fast_dls(*ten()), rich_net(), CrossEntropyLossFlat(), lr=0.01, metrics=[fastai_accuracy,error_rate])
    assert_untouched(dict(dls=learn), parts(learn.model), learn.model.modules(), learn.dls.loaders, [learn,learn.dls,*learn.metrics])

def test_learner_of_fastai_that_has_been_trained_is_untouched():
    set_seed(3)
    learn = Learner(fast_dls(*ten(n=320)), rich_net(), CrossEntropyLossFlat(), lr=0.01, metrics=fastai_accuracy)
    with learn.no_logging(): learn.fit(1)
    moments = [v for state in learn.opt.state.values() for v in state.values() if torch.is_tensor(v)]
    assert_untouched(dict(dls=learn), [*parts(learn.model),*moments], learn.model.modules(), learn.dls.loaders, [learn,learn.opt,learn.recorder])

def test_basic_learner_is_untouched():
    set_seed(3)
    learn = BasicLearner(fast_dls(*two()), simple_net(), mnist_loss, lr=0.5, metrics=batch_accuracy)
    assert_untouched(dict(dls=learn), parts(learn.model), learn.model.modules(), learn.dls.loaders, [learn])
    assert learn.recorder == []

def test_loader_with_a_generator_of_its_own_is_untouched():
    set_seed(3)
    dls,model = torch_dls(*two(), generator=torch.Generator().manual_seed(5)),simple_net()
    assert_untouched(one_column(dls, metrics=batch_accuracy, lr=0.5) | dict(model=model), parts(model), model.modules(), dls)

def test_lists_of_batches_are_untouched():
    set_seed(3)
    dls,model = list_dls(*ten()),conv_net(norm=True)
    kw = ten_columns(tuple([(images(xb),yb) for xb,yb in o] for o in dls), model, metrics=hit, lr=0.1)
    assert_untouched(kw, parts(model) + [o for dl in kw['dls'] for b in dl for o in b], model.modules(), kw['dls'])

def test_step_of_one_s_own_leaves_nothing_changed():
    set_seed(3)
    kw = step_by_hand()
    assert_untouched(kw, kw['params'], loaders=kw['dls'].loaders)

@pytest.mark.parametrize('name', ['loss_of_an_item','loss_without_a_return','all_frozen','step_without_zeroing','body_without_grad',
    'rate_of_a_hundred','items_that_raise','mean_of_booleans','pixels_that_are_infinite','metric_that_refuses_flat_labels',
    'optimizer_for_a_function','layers_in_a_list'])
def test_faulty_setup_is_untouched(name):
    set_seed(3)
    kw = FAULTY[name][0]()
    learn = kw['dls'] if isinstance(kw['dls'], (Learner,BasicLearner)) else None
    model = learn.model if learn else kw['model']
    hidden = [p for o in getattr(model, 'layers', []) for p in o.parameters()]
    readable = kw['dls'].loaders if isinstance(kw['dls'], DataLoaders) and name!='items_that_raise' else []
    if isinstance(model, nn.Module): assert_untouched(kw, [*parts(model),*hidden], model.modules(), readable, [learn] if learn else [])
    else: assert_untouched(kw, kw['params'], loaders=readable)


# Arguments that are no set-up

@pytest.mark.parametrize('change,says', [(dict(model=None), 'model'), (dict(loss_func=None), 'loss'), (dict(dls=None), 'dls|loader'),
    (dict(dls=([],[])), 'batch|empty')], ids=['no model','no loss','no dls','empty loaders'])
def test_argument_that_will_not_do_is_named(change, says):
    with pytest.raises((ValueError,TypeError), match=f'(?i){says}') as e: check_setup(**ten_columns(torch_dls(*ten())) | change)
    assert len(str(e.value).split()) > 4, 'the message should say what to pass'

def test_loader_that_drops_its_only_batch_is_empty():
    dls = torch_dls(*ten(n=40), bs=64, drop_last=True)
    with pytest.raises((ValueError,TypeError), match='(?i)batch|empty'): check_setup(**ten_columns(dls))


@pytest.mark.parametrize('change,says', [(dict(model=nn.Sequential(nn.LazyLinear(10))), 'one batch'), (dict(params=3), 'params'), (dict(metrics=3), 'metric'),
    (dict(loss_func=nn.CrossEntropyLoss), 'class'), (dict(lr=0.), 'positive'), (dict(lr='fast'), 'number')])
def test_argument_of_another_kind_is_named(change, says):
    with pytest.raises((ValueError,TypeError), match=says): check_setup(**ten_columns(torch_dls(*ten())) | change)


# The counts

def test_counts(record_property):
    for what,table in dict(seeds=SEEDS, faulty=FAULTY, sound=SOUND).items():
        record_property(f'{what} set-ups', len(table))
        record_property(f'{what} set-ups judged rightly', len(RIGHT[what]))
        print(f'\n{what}: {len(RIGHT[what])} of {len(table)} set-ups judged rightly', end='')
    print()
    assert min(len(FAULTY), len(SOUND)) > 100 # chapter 10 says so
    assert {o for _,names,_ in FAULTY.values() for o in names} == CHECKS, 'a check without a faulty set-up'
