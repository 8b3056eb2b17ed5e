"Assignment 2: what an error of PyTorch's or fastai's is said to mean there, for each that is known"
import pytest,torch
from fastai.basics import BCEWithLogitsLossFlat,DataLoader,DataLoaders,Learner,SGD,accuracy_multi,nn
from torch.nn import functional as F

from mnist_course.exercises import CheckFailed,network

def net(*layers): return lambda n: nn.Sequential(nn.Linear(784, n), *layers)
def classy(init=True, forward=True, act=F.relu):
    "A class of a net with one thing wrong"
    class Net(nn.Module):
        def __init__(self, n):
            if init: super().__init__()
            self.l1,self.l2 = nn.Linear(784, n),nn.Linear(n, 1)
    if forward: Net.forward = lambda self, x: self.l2(act(self.l1(x)))
    return Net
def dls(made, loader):
    return lambda train, valid, bs: DataLoaders(*(loader(made(o), bs) for o in (train,valid)))
def shuffled(o, bs): return DataLoader(o, bs=bs, shuffle=True)
def torchs(o, bs): return torch.utils.data.DataLoader(o, batch_size=bs)
def learner(**kwargs):
    return lambda dls: Learner(dls, net(nn.ReLU(), nn.Linear(30, 1))(30), metrics=accuracy_multi, **kwargs)

ANSWERS = {
    'is not a Module subclass': ('two_layer_net', net(nn.ReLU, nn.Linear(30, 1))),
    'before Module.__init__() call': ('two_layer_net', classy(init=False)),
    'missing the required "forward"': ('two_layer_net', classy(forward=False)),
    'must be Tensor, not ReLU': ('two_layer_net', classy(act=nn.ReLU)),
    'mat1 and mat2 shapes': ('two_layer_net', net(nn.ReLU(), nn.Linear(784, 1))),
    'collate': ('make_dls', dls(lambda o: o, torchs)),
    'Can only shuffle an indexed dataset': ('make_dls', dls(lambda o: zip(*o), shuffled)),
    "'zip' has no len()": ('make_dls', dls(lambda o: zip(*o), torchs)),
    'all elements of input should be between 0 and 1': ('bce_loss', F.binary_cross_entropy),
    'ambiguous in legacy_get_string': ('bce_loss', lambda preds, yb: nn.BCEWithLogitsLoss(preds, yb)),
    'Target size': ('bce_loss', lambda preds, yb: F.binary_cross_entropy_with_logits(preds.squeeze(), yb)),
    'Target 1 is out of bounds': ('bce_loss', lambda preds, yb: F.cross_entropy(preds, yb.squeeze().long())),
    'cast to the desired output type Long': ('bce_loss', lambda preds, yb: nn.BCEWithLogitsLoss()(preds, yb.long())),
    "has no attribute 'set_hypers'": ('make_opt', lambda params, lr: torch.optim.SGD(params, lr=lr)),
    "'Optimizer' object is not callable": ('train_net', lambda dls: learner(
        loss_func=BCEWithLogitsLossFlat(), opt_func=SGD([torch.zeros(1)], lr=0.1))(dls).fit(1)),
    "unexpected keyword argument 'lr'": ('make_opt', lambda params, rate: SGD(params, lr=rate)),
    'Could not infer loss function': ('make_learner', learner())}

@pytest.mark.parametrize('part', network.KNOWN_ERRORS)
def test_an_error_is_explained(part):
    exercise,answer = ANSWERS[part]
    with pytest.raises(CheckFailed) as e: getattr(network, f'check_{exercise}')(answer)
    assert network.KNOWN_ERRORS[part] in str(e.value)
