"The models of the course, each trained by its chapter's own code: for the table of `mnist_course`, and kept for `predict` and `demo`"
import hashlib,os,sys
from contextlib import contextmanager,nullcontext,redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Callable

import torch
from torch import nn

from mnist_course.cross_entropy import accuracy,cross_entropy
from mnist_course.data import load_mnist
from mnist_course.learner import BasicLearner,get_dls,simple_net
from mnist_course.loss_functions import init_params,linear1,mnist_loss,sample_xy
from mnist_course.manual_sgd import batch_accuracy,train_epoch,validate_epoch
from mnist_course.pixel_similarity import is_3
from mnist_course.speed import ONE_EPOCH,fast_dtype,fast_learner,fast_net,standardize
from mnist_course.ten_digits import mnist_xy,nearest_mean

__all__ = ['Model', 'MODELS', 'NearestMean', 'bars', 'weights_folder', 'load_models', 'probabilities']

def loaders(xy, device):
    "Training and validation batches of what `xy` returns for a split, on `device`"
    return get_dls(xy('train'), xy('test'), device=device)

class NearestMean(nn.Module):
    "Pixel similarity as a net: scores (n,k) are minus the mean distances to k mean images, times a scale that makes them log odds"
    def __init__(self,
        means=None, # Mean images, (k,28,28)
        scale=1., # How much a distance counts
        k:int=10, # How many mean images, if none are given
    ):
        super().__init__()
        self.means = nn.Parameter(torch.zeros(k, 28, 28) if means is None else means)
        self.register_buffer('scale', torch.tensor(float(scale), device=self.means.device))
    def forward(self, x): return -self.scale*(x.view(-1,1,28,28) - self.means).abs().mean((-1,-2))

@torch.no_grad()
def calibrated(means, x, y):
    "`NearestMean` with the scale that makes the cross-entropy of the images `x` and labels `y` smallest, of powers of 10^(1/8)"
    dists = NearestMean(means)(x)
    scales = [10**(o/8) for o in range(33)]
    return NearestMean(means, min(scales, key=lambda s: cross_entropy(s*dists, y)))

def as_linear(weights, bias):
    "Weights (784,k) and biases (k,) made by hand, as `nn.Linear`"
    net = nn.Linear(*weights.shape)
    net.weight,net.bias = (nn.Parameter(o.detach().contiguous()) for o in (weights.T,bias))
    return net


# How each is trained: a device and a number of epochs (0 for those that don't train) to a net and its accuracy on the test digits

def pixel_similarity(device, epochs):
    "Chapter 01: distance to the mean images, 2×784 numbers"
    (x,y),(valid_x,valid_y) = ([o.to(device) for o in load_mnist(split, (3,7))] for split in ('train','test'))
    x,valid_x = x.float()/255,valid_x.float()/255
    means = torch.stack([x[y==d].mean(0) for d in (3,7)])
    return calibrated(means, x[:2000], (y[:2000]==7).long()), (is_3(valid_x, *means) == (valid_y==3)).float().mean().item()

def by_hand(device, epochs, xy, k, std, lr, loss, metric):
    "Parameters by hand, tensors and a loop"
    from fastprogress.fastprogress import progress_bar
    dls = loaders(xy, device)
    params = [init_params(o, std=std).detach().to(device).requires_grad_() for o in ((28*28,k), k)]
    model = partial(linear1, weights=params[0], bias=params[1])
    for _ in progress_bar(range(epochs), leave=False): train_epoch(model, lr, params, dls.train, loss)
    return as_linear(*params), validate_epoch(model, dls.valid, metric)

def linear_by_hand(device, epochs):
    "Chapter 03: tensors and a loop"
    return by_hand(device, epochs, sample_xy, 1, 1., 1., mnist_loss, batch_accuracy)

def linear_basic_optim(device, epochs):
    "Chapter 04: `nn.Linear` and an optimizer"
    from mnist_course.optimizer import BasicOptim,train_model
    dls,model = loaders(sample_xy, device),nn.Linear(28*28, 1).to(device)
    return model, train_model(model, epochs, dls.train, dls.valid, BasicOptim(model.parameters(), lr=1.), mnist_loss)[-1]

def net_basic_learner(device, epochs):
    "Chapter 05: two layers in a Learner of our own"
    learn = BasicLearner(loaders(sample_xy, device), simple_net().to(device), mnist_loss, lr=0.1, metrics=batch_accuracy)
    learn.fit(epochs)
    return learn.model, learn.recorder[-1]['batch_accuracy']

def net_learner(device, epochs):
    "Chapter 05: the same in fastai's Learner"
    from fastai.callback.progress import ProgressCallback
    from fastai.learner import Learner
    from fastai.optimizer import SGD
    learn = Learner(loaders(sample_xy, device), simple_net().to(device), mnist_loss, opt_func=SGD, metrics=batch_accuracy, cbs=ProgressCallback())
    with learn.no_logging(): learn.fit(epochs, 0.1)
    return learn.model, learn.recorder.values[-1][-1]

def ten_nearest_mean(device, epochs):
    "Chapter 07: distance to ten mean images, 10×784 numbers"
    (x,y),(valid_x,valid_y) = ([o.to(device) for o in mnist_xy(split)] for split in ('train','test'))
    means = torch.stack([x[y==d].mean(0).view(28,28) for d in range(10)])
    return calibrated(means, x[:2000], y[:2000]), (nearest_mean(valid_x.view(-1,28,28), means) == valid_y).float().mean().item()

def ten_linear_by_hand(device, epochs):
    "Chapter 07: ten columns of weights and cross-entropy"
    return by_hand(device, epochs, mnist_xy, 10, 0.01, 0.5, cross_entropy, accuracy)

def ten_net(device, epochs, n_hidden):
    "Chapter 07: a hidden layer, one-cycle and Adam"
    from fastai.callback.progress import ProgressCallback
    from fastai.callback.schedule import Learner # with `fit_one_cycle`
    learn = Learner(loaders(mnist_xy, device), simple_net(n_hidden, 10).to(device), cross_entropy, metrics=accuracy, cbs=ProgressCallback())
    with learn.no_logging(): learn.fit_one_cycle(epochs, 0.01)
    return learn.model, learn.recorder.values[-1][-1]

def ten_convnet(device, epochs):
    "Chapter 09: a small convnet, in the number format that is fast on the device"
    from fastai.callback.progress import ProgressCallback
    dtype = fast_dtype(device)
    train,valid = ((standardize(x.to(device), dtype),y.to(device)) for x,y in map(load_mnist, ('train','test')))
    learn = fast_learner(train, valid)
    learn.add_cb(ProgressCallback())
    with learn.no_logging(): learn.fit_one_cycle(**ONE_EPOCH|dict(n_epoch=epochs))
    return learn.model.net, learn.recorder.values[-1][-1]


@dataclass
class Model:
    "One row of the table"
    chapter:str # Its number
    name:str # What the table calls it
    epochs:int # How long it trains; 0: it doesn't
    fit:Callable # Takes a device and a number of epochs, returns the trained net and its accuracy
    new:Callable=None # Makes the net untrained; `None`: it is for the table only, as another model answers as it would
    digits:tuple=tuple(range(10)) # What it can answer
    inputs:Callable=lambda images: images.flatten(1)/255 # uint8 images (n,28,28) to what the net takes

SAMPLE = 3,7
MODELS = [
    Model('01', 'pixel similarity',              0, pixel_similarity, lambda: NearestMean(k=2), SAMPLE),
    Model('03', 'linear, by hand',              20, linear_by_hand, lambda: nn.Linear(28*28, 1), SAMPLE),
    Model('04', 'nn.Linear, BasicOptim',        20, linear_basic_optim),
    Model('05', 'simple_net, BasicLearner',     40, net_basic_learner, simple_net, SAMPLE),
    Model('05', "simple_net, fastai's Learner", 40, net_learner),
    Model('07', 'ten digits, pixel similarity',  0, ten_nearest_mean, NearestMean),
    Model('07', 'ten digits, linear by hand',   10, ten_linear_by_hand, lambda: nn.Linear(28*28, 10)),
    Model('07', 'ten digits, 784-30-10',        10, partial(ten_net, n_hidden=30)),
    Model('07', 'ten digits, 784-100-10',        8, partial(ten_net, n_hidden=100), lambda: simple_net(100, 10)),
    Model('09', 'ten digits, small convnet',     1, ten_convnet, fast_net, inputs=standardize),
]

@contextmanager
def bars():
    "Within, progress bars go to the terminal, if there is one, and never into what is printed"
    with nullcontext(sys.stderr) if sys.stderr.isatty() else open(os.devnull, 'w') as out, redirect_stdout(out): yield

def weights_folder():
    "Where trained models are kept: below the user's cache folder, apart for each state of the course's code"
    from platformdirs import user_cache_path
    code = b''.join(o.read_bytes() for o in sorted(Path(__file__).parent.glob('*.py')))
    return user_cache_path('mnist_course', appauthor=False)/f'models-{hashlib.sha256(code).hexdigest()[:12]}'

def checksum(raw): return hashlib.sha256(raw).hexdigest()[:16]

def stored(model, folder):
    "The net of `model` from `folder`, or `None` if no file there has the checksum in its name and the model's own tensors"
    from safetensors.torch import load
    for o in sorted(folder.glob(f'{slug(model)}.*.safetensors')):
        net = model.new()
        try:
            raw = o.read_bytes()
            if o.name.split('.')[-2]!=checksum(raw): continue
            found,wanted = load(raw),net.state_dict()
            if {k: (v.shape,v.dtype) for k,v in found.items()} != {k: (v.shape,v.dtype) for k,v in wanted.items()}: continue
            net.load_state_dict(found)
        except Exception: continue # whatever is wrong with it, it is made anew
        return net.eval()

def store(model, net, folder):
    "Write the weights of `net`, whole or not at all, in place of all others of this model"
    from safetensors.torch import save
    raw = save({k: v.contiguous() for k,v in net.state_dict().items()})
    path = folder/f'{slug(model)}.{checksum(raw)}.safetensors'
    part = folder/f'{path.name}.{os.getpid()}'
    try:
        part.write_bytes(raw)
        os.replace(part, path)
    finally: part.unlink(missing_ok=True)
    for o in folder.glob(f'{slug(model)}.*'): # older ones, and parts that a killed process has left
        if o!=path: o.unlink(missing_ok=True)

def slug(model): return '_'.join(''.join(c if c.isalnum() else ' ' for c in f'{model.chapter} {model.name}').split())

def load_models(
    folder=None, # Where weights are kept; default: `weights_folder()`
    say:Callable=lambda s: None, # Told what takes time, or could not be kept
    device='cpu', # Where those are trained that have to be
)->list: # Each model that answers, and its net, on the CPU
    "The models that answer, from their stored weights; those that are missing or damaged are trained (about 20 seconds for all) and stored."
    from filelock import FileLock,Timeout
    folder = Path(folder or weights_folder())
    models,trouble = [o for o in MODELS if o.new],None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder/'lock')
        try: lock.acquire(timeout=1)
        except Timeout:
            say('Waiting for another process that trains the models.')
            lock.acquire()
    except OSError as e:
        trouble = e.strerror
        lock = nullcontext()
    with lock:
        nets = {o.name: stored(o, folder) for o in models}
        missing = [o for o in models if nets[o.name] is None]
        if missing: say(f'Training {len(missing)} of {len(models)} models on the packaged digits; this is done once and takes about {3*len(missing)} seconds.')
        if missing and trouble: say(f'They cannot be kept in {folder}: {trouble}. So this is done at every start; where XDG_CACHE_HOME names a folder that can be written to, only once.')
        for o in missing: nets[o.name] = train_and_store(o, folder, (lambda s: None) if trouble else say, device)
    return [(o,nets[o.name]) for o in models]

def train_and_store(model, folder, say, device):
    "Train one model with its chapter's seed, and keep it"
    from fastai.torch_core import set_seed
    with bars():
        print(f'{model.chapter} {model.name}')
        set_seed(42)
        net = model.fit(device, model.epochs)[0].cpu().requires_grad_(False).eval()
    try: store(model, net, folder)
    except OSError as e: say(f'The weights of {model.name} cannot be kept in {folder}: {e.strerror}.')
    return net

@torch.inference_mode()
def probabilities(
    model, # One of `MODELS`
    net, # Its net
    images, # uint8, (n,28,28), ink is 255
): # float32, (n,k), one column for each of `model.digits`
    "What a model says to images, as probabilities"
    scores = net(model.inputs(images)).float()
    if scores.shape[1]>1: return scores.softmax(1)
    return torch.cat([scores.sigmoid(), (-scores).sigmoid()], dim=1) # one score for a 3 against a 7
