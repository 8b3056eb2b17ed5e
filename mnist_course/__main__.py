"The course's command: train its models, each by its chapter's own code, and print a table of what they reach"
import os,sys,time
from argparse import ArgumentTypeError
from contextlib import nullcontext,redirect_stdout
from functools import partial
from typing import Annotated

from fastcore.script import anno_parser

def seed_number(s):
    "Parse a seed"
    if not (s.isdecimal() and int(s) < 2**32): raise ArgumentTypeError(f"{s!r} must be a whole number from 0 to {2**32-1}")
    return int(s)

def epoch_number(s):
    "Parse a number of epochs"
    if not (s.isdecimal() and int(s) > 0): raise ArgumentTypeError(f"{s!r} must be a whole number from 1")
    return int(s)

def loaders(xy, device):
    "Training and validation batches of what `xy` returns for a split, on `device`"
    from mnist_course.learner import get_dls
    return get_dls(xy('train'), xy('test'), device=device)

def pixel_similarity(device, epochs):
    "Chapter 01: distance to the mean images, 2×784 numbers"
    from mnist_course.data import load_mnist
    from mnist_course.pixel_similarity import is_3
    means = [load_mnist('train', d)[0].to(device).float().div(255).mean(0) for d in (3,7)]
    x,y = (o.to(device) for o in load_mnist('test', (3,7)))
    return sum(o.numel() for o in means), (is_3(x.float()/255, *means) == (y==3)).float().mean().item()

def linear_by_hand(device, epochs):
    "Chapter 03: tensors and a loop"
    from fastprogress.fastprogress import progress_bar
    from mnist_course.loss_functions import init_params,linear1,mnist_loss,sample_xy
    from mnist_course.manual_sgd import train_epoch,validate_epoch
    dls = loaders(sample_xy, device)
    params = [init_params(o).detach().to(device).requires_grad_() for o in ((28*28,1), 1)]
    model = partial(linear1, weights=params[0], bias=params[1])
    for _ in progress_bar(range(epochs), leave=False): train_epoch(model, 1., params, dls.train, mnist_loss)
    return sum(o.numel() for o in params), validate_epoch(model, dls.valid)

def linear_basic_optim(device, epochs):
    "Chapter 04: `nn.Linear` and an optimizer"
    from mnist_course.loss_functions import mnist_loss,sample_xy
    from mnist_course.optimizer import BasicOptim,train_model
    from torch import nn
    dls,model = loaders(sample_xy, device),nn.Linear(28*28, 1).to(device)
    accs = train_model(model, epochs, dls.train, dls.valid, BasicOptim(model.parameters(), lr=1.), mnist_loss)
    return n_params(model), accs[-1]

def net_basic_learner(device, epochs):
    "Chapter 05: two layers in a Learner of our own"
    from mnist_course.learner import BasicLearner,simple_net
    from mnist_course.loss_functions import mnist_loss,sample_xy
    from mnist_course.manual_sgd import batch_accuracy
    learn = BasicLearner(loaders(sample_xy, device), simple_net().to(device), mnist_loss, lr=0.1, metrics=batch_accuracy)
    learn.fit(epochs)
    return n_params(learn.model), learn.recorder[-1]['batch_accuracy']

def net_learner(device, epochs):
    "Chapter 05: the same in fastai's Learner"
    from fastai.callback.progress import ProgressCallback
    from fastai.learner import Learner
    from fastai.optimizer import SGD
    from mnist_course.learner import simple_net
    from mnist_course.loss_functions import mnist_loss,sample_xy
    from mnist_course.manual_sgd import batch_accuracy
    learn = Learner(loaders(sample_xy, device), simple_net().to(device), mnist_loss, opt_func=SGD, metrics=batch_accuracy, cbs=ProgressCallback())
    with learn.no_logging(): learn.fit(epochs, 0.1)
    return n_params(learn.model), learn.recorder.values[-1][-1]

def ten_nearest_mean(device, epochs):
    "Chapter 07: distance to ten mean images, 10×784 numbers"
    import torch
    from mnist_course.ten_digits import mnist_xy,nearest_mean
    (x,y),(valid_x,valid_y) = ([o.to(device) for o in mnist_xy(split)] for split in ('train','test'))
    means = torch.stack([x[y==d].mean(0).view(28,28) for d in range(10)])
    return means.numel(), (nearest_mean(valid_x.view(-1,28,28), means) == valid_y).float().mean().item()

def ten_linear_by_hand(device, epochs):
    "Chapter 07: ten columns of weights and cross-entropy"
    from fastprogress.fastprogress import progress_bar
    from mnist_course.cross_entropy import accuracy,cross_entropy
    from mnist_course.loss_functions import init_params,linear1
    from mnist_course.manual_sgd import train_epoch,validate_epoch
    from mnist_course.ten_digits import mnist_xy
    dls = loaders(mnist_xy, device)
    params = [init_params(o, std=0.01).detach().to(device).requires_grad_() for o in ((28*28,10), 10)]
    model = partial(linear1, weights=params[0], bias=params[1])
    for _ in progress_bar(range(epochs), leave=False): train_epoch(model, 0.5, params, dls.train, cross_entropy)
    return sum(o.numel() for o in params), validate_epoch(model, dls.valid, accuracy)

def ten_net(device, epochs, n_hidden):
    "Chapter 07: a hidden layer, one-cycle and Adam"
    from fastai.callback.progress import ProgressCallback
    from fastai.callback.schedule import Learner # with `fit_one_cycle`
    from mnist_course.cross_entropy import accuracy,cross_entropy
    from mnist_course.learner import simple_net
    from mnist_course.ten_digits import mnist_xy
    learn = Learner(loaders(mnist_xy, device), simple_net(n_hidden, 10).to(device), cross_entropy, metrics=accuracy, cbs=ProgressCallback())
    with learn.no_logging(): learn.fit_one_cycle(epochs, 0.01)
    return n_params(learn.model), learn.recorder.values[-1][-1]

def ten_convnet(device, epochs):
    "Chapter 09: a small convnet, in bf16"
    import torch
    from fastai.callback.progress import ProgressCallback
    from mnist_course.data import load_mnist
    from mnist_course.speed import fast_learner,standardize
    train,valid = ((standardize(x.to(device), torch.bfloat16),y.to(device)) for x,y in map(load_mnist, ('train','test')))
    learn = fast_learner(train, valid)
    learn.add_cb(ProgressCallback())
    with learn.no_logging(): learn.fit_one_cycle(epochs, 0.015, pct_start=0.25, moms=(0.7,0.7,0.7))
    return n_params(learn.model), learn.recorder.values[-1][-1]

def n_params(model): return sum(o.numel() for o in model.parameters())

models = [ # chapter, model, epochs (0: not trained), how to get its parameters and accuracy
    ('01', 'pixel similarity',              0, pixel_similarity),
    ('03', 'linear, by hand',              20, linear_by_hand),
    ('04', 'nn.Linear, BasicOptim',        20, linear_basic_optim),
    ('05', 'simple_net, BasicLearner',     40, net_basic_learner),
    ('05', "simple_net, fastai's Learner", 40, net_learner),
    ('07', 'ten digits, pixel similarity',  0, ten_nearest_mean),
    ('07', 'ten digits, linear by hand',   10, ten_linear_by_hand),
    ('07', 'ten digits, 784-30-10',        10, partial(ten_net, n_hidden=30)),
    ('07', 'ten digits, 784-100-10',       10, partial(ten_net, n_hidden=100)),
    ('09', 'ten digits, small convnet',     1, ten_convnet),
]

def train(
    seed:Annotated[seed_number,dict(metavar='N')]=42, # Seed of each model's first parameters and of its batches
    device:Annotated[str,dict(choices=('cpu','cuda','mps'))]='cpu', # Where to train; models as small as these gain little on a GPU
    epochs:Annotated[epoch_number,dict(metavar='N')]=None, # Epochs for each model that trains (default: those of its chapter)
):
    "Train every model of the course on MNIST (3s against 7s, then all ten digits), offline, and print a table of what each reaches."
    import pandas as pd
    from fastai.torch_core import set_seed
    rows = []
    # Progress bars go to the terminal, if there is one, and never into the table.
    with nullcontext(sys.stderr) if sys.stderr.isatty() else open(os.devnull, 'w') as bars, redirect_stdout(bars):
        for chapter,name,n,run in models:
            n,start = n and (epochs or n),time.perf_counter()
            print(f'{chapter} {name}')
            set_seed(seed)
            params,accuracy = run(device, n)
            rows.append((chapter, name, f'{params:,}', n, f'{accuracy:.4f}', f'{time.perf_counter()-start:.1f}'))
    names = 'chapter','model','parameters','epochs','validation accuracy','seconds'
    print(pd.DataFrame(rows, columns=names).to_string(index=False))

def main():
    "Read the command line; a wrong argument exits with 2 and one line"
    if sys.argv[1:2]==['check']:
        from mnist_course.checks.command import main as check
        return check(sys.argv[2:])
    if sys.argv[1:2]==['bench']:
        from mnist_course.bench import main as bench
        return bench(sys.argv[2:])
    parser = anno_parser(train, prog='mnist_course')
    parser.epilog = "'mnist_course check NOTEBOOK' checks answers to an assignment, 'mnist_course bench' times the models beside others; each has a --help of its own."
    def error(msg):
        print(f'mnist_course: {msg} (mnist_course --help lists the options)', file=sys.stderr)
        sys.exit(2)
    parser.error = error
    args = parser.parse_args()
    import torch
    if not getattr(torch, args.device).is_available(): error(f'argument --device: this machine has no {args.device}')
    torch.set_num_threads(1) # as fast for models of this size, and much faster beside another busy process
    train(args.seed, args.device, args.epochs)

if __name__=='__main__': main()
