"`mnist_course bench`: the course's models beside their peers, in one process, in rounds taken in turn"
import json,platform,sys
from argparse import ArgumentParser,ArgumentTypeError
from pathlib import Path
from statistics import mean,median,stdev
from time import perf_counter

import torch
from torch import nn
from torch.nn import functional as F

def machine(device='cpu'):
    "Processor and its instructions, as far as PyTorch uses them, threads and PyTorch's version, in words"
    from mnist_course.speed import fast_dtype
    bf16 = 'bf16 instructions' if fast_dtype(device)==torch.bfloat16 else 'no bf16 instructions'
    if torch.device(device).type=='cuda': return f'{torch.cuda.get_device_name(device)}, {bf16}, PyTorch {torch.__version__}'
    try: cpu = next(o.split(':')[1].strip() for o in Path('/proc/cpuinfo').read_text().splitlines() if o.startswith('model name'))
    except (OSError,StopIteration): cpu = platform.processor() or platform.machine()
    isa = torch.backends.cpu.get_cpu_capability()
    return f'{cpu}, {isa}, {bf16}, {torch.get_num_threads()} threads, PyTorch {torch.__version__}'


# An epoch of 784-30-10

def epoch_ways(device='cpu'):
    "Name and function of each way through an epoch, the limit last"
    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader
    from torch.utils.data import DataLoader as TorchLoader,TensorDataset
    from mnist_course.learner import get_dls,simple_net
    from mnist_course.speed import learner_epoch,products,sgd_epoch,sgd_epoch_by_hand
    from mnist_course.ten_digits import mnist_xy
    (x,y),(valid_x,valid_y) = [[o.to(device) for o in mnist_xy(split)] for split in ('train','test')]
    pairs,valid_pairs = list(zip(x, y)),list(zip(valid_x, valid_y))
    params = [(torch.randn(o)*0.05).to(device) for o in ((784,30), 30, (30,10), 10)]
    net,targets = simple_net(30, 10).to(device),F.one_hot(y, 10).float()
    torch_dl = TorchLoader(TensorDataset(x, y), batch_size=256, shuffle=True)
    by_pairs = DataLoaders(DataLoader(pairs, bs=256, shuffle=True), DataLoader(valid_pairs, bs=256), device=device)
    return {'Learner, fastai loader of list(zip(x, y))': learner_epoch(by_pairs),
        'Learner, TensorDataLoader': learner_epoch(get_dls((x,y), (valid_x,valid_y), device=device)),
        "plain loop, torch's loader": lambda: sgd_epoch(net, torch_dl),
        'plain loop, slices': lambda: sgd_epoch(net, zip(x.split(256), y.split(256))),
        'gradients by hand, slices': lambda: sgd_epoch_by_hand(params, zip(x.split(256), targets.split(256))),
        'the matrix products alone': lambda: products(x, params)}


# From uint8 images to answers: `(x, y, test_x, test_y, seed, share)` to scores of the test images, on the device of the images.
# With a `share` below 1 only as much of the training is done.

def float_images(x): return ((x.float()/255 - 0.1307)/0.3081)[:,None]

@torch.no_grad()
def in_batches(net, x, bs=1000): return torch.cat([net.eval()(o) for o in x.split(bs)])

def ours(aim, dtype):
    "One of the course's recipes, in a number format"
    from mnist_course.speed import RECIPES
    def run(x, y, test_x, test_y, seed, share): return RECIPES[aim](x, y, test_x, seed, dtype)
    return run

def by_learner(dtype):
    "The course's recipe for 99% by fastai's `Learner`, which validates on the test images as it goes"
    from mnist_course.speed import ONE_EPOCH,fast_learner,standardize
    import fastai.callback.progress # no_bar and no_logging
    def run(x, y, test_x, test_y, seed, share):
        torch.manual_seed(seed)
        learn = fast_learner((standardize(x, dtype),y), (standardize(test_x, dtype),test_y))
        with learn.no_bar(),learn.no_logging(): learn.fit_one_cycle(**ONE_EPOCH)
        return learn.recorder.values[-1][-1]
    return run

def one_epoch(x, y, test_x, test_y, seed, share):
    "The one-epoch recipe of github.com/tuomaso/train_mnist_fast: two convolutions with pooling, Adam and one-cycle, batches of 256 in order"
    torch.manual_seed(seed)
    x = float_images(x)
    net = nn.Sequential(nn.Conv2d(1, 24, 5), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(24, 32, 3), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten(),
        nn.Linear(800, 256), nn.ReLU(), nn.Linear(256, 10), nn.LogSoftmax(1)).to(x.device)
    batches = list(zip(x.split(256), y.split(256)))
    opt = torch.optim.Adam(net.parameters(), lr=0.01, betas=(0.7,0.9))
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, 0.01, total_steps=len(batches), cycle_momentum=False)
    for xb,yb in batches:
        opt.zero_grad()
        F.nll_loss(net(xb), yb).backward()
        opt.step(); sched.step()
    return in_batches(net, float_images(test_x), 2000)

def epochs_of(net, opt, x, y, bs, share):
    "Train by cross-entropy on shuffled batches from torch's loader, for an epoch or a share of one"
    from torch.utils.data import DataLoader,TensorDataset
    dl = DataLoader(TensorDataset(x, y), batch_size=bs, shuffle=True)
    net.train()
    for i,(xb,yb) in enumerate(dl):
        if i >= share*len(dl): return
        opt.zero_grad()
        F.cross_entropy(net(xb), yb).backward()
        opt.step()

def pytorch_example(x, y, test_x, test_y, seed, share):
    "PyTorch's MNIST example (github.com/pytorch/examples), stopped after the first of its 14 epochs that reaches 99%"
    torch.manual_seed(seed)
    x,test_x = float_images(x),float_images(test_x)
    net = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(),
        nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)).to(x.device)
    opt = torch.optim.Adadelta(net.parameters(), lr=1.)
    sched = torch.optim.lr_scheduler.StepLR(opt, step_size=1, gamma=0.7)
    for _ in range(14):
        epochs_of(net, opt, x, y, 64, share)
        scores = in_batches(net, test_x)
        if share<1 or (scores.argmax(1)==test_y).float().mean() >= 0.99: break
        sched.step()
    return scores

def keras_example(x, y, test_x, test_y, seed, share):
    "Keras' MNIST convnet example (keras.io) in PyTorch: 15 epochs on nine tenths of the images"
    torch.manual_seed(seed)
    x,test_x = x[:54_000,None].float()/255,test_x[:,None].float()/255
    net = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10)).to(x.device)
    opt = torch.optim.Adam(net.parameters(), eps=1e-7)
    for _ in range(15 if share==1 else 1): epochs_of(net, opt, x, y[:54_000], 128, share)
    return in_batches(net, test_x)

PEER = 'one-epoch recipe'
def candidates(dtype=torch.float32):
    "Name, what runs it, the accuracy that it is for, and how many seeds in a full run; the course's own in the number format `dtype`"
    return [('144-256-10 on half size, by hand', ours(0.98, torch.float32), 0.98, 10),
        ('fast_net, 0.85 epochs', ours(0.99, dtype), 0.99, 10),
        ("fast_net by fastai's Learner", by_learner(dtype), 0.99, 10),
        ('fast_net, 4 epochs with shifts', ours(0.994, dtype), 0.994, 10),
        ('the same, 8 epochs', ours(0.995, dtype), 0.995, 10),
        (PEER, one_epoch, 0.99, 10), ("PyTorch's example", pytorch_example, 0.99, 1), ("Keras' example", keras_example, 0.99, 1)]

FEW = 3000 # images for a first run, enough for one-cycle in every recipe
QUICK = {"PyTorch's example": 4, "Keras' example": 15} # how many epochs it is taken to need

def timed(run, share, seed, data):
    "Seconds and accuracy of a candidate; its last answer waits for a GPU"
    start = perf_counter()
    out = run(*data, seed, share)
    acc = out if isinstance(out, float) else (out.argmax(1)==data[3]).float().mean().item()
    return perf_counter()-start,acc

def bench(quick=False, rounds=10, say=lambda s: None, device='cpu', dtype=None):
    "All measurements, as a dict; the course's own recipes in the number format `dtype`, by default the `fast_dtype` of the device"
    from mnist_course.data import load_mnist
    from mnist_course.speed import fast_dtype,race
    dtype = dtype or fast_dtype(device)
    say('an epoch of 784-30-10')
    epochs = race(epoch_ways(device), 3 if quick else 7)
    data = [o.to(device) for split in ('train','test') for o in load_mnist(split)]
    few = [o[:FEW] for o in data]
    todo = [(name,run,aim,min(n, rounds)) for name,run,aim,n in candidates(dtype) if not (quick and aim==0.995)]
    for name,run,*_ in todo: run(*few, 0, 0.1 if name in QUICK else 1) # imports, and kernels chosen at the first call
    found = {name: [] for name,*_ in todo}
    for seed in range(1 if quick else rounds):
        for name,run,aim,n in todo:
            if seed >= n: continue
            say(f'round {seed+1}: {name}')
            if quick and name in QUICK:
                less,more = (timed(run, share, seed, data[:2]+few[2:])[0] for share in (0.02,0.12)) # what isn't training is in both
                found[name].append(((more-less)/0.1*QUICK[name],None))
            else: found[name].append(timed(run, 1, seed, data))
    rows = []
    for name,_,aim,_ in todo:
        seconds,accs = zip(*found[name])
        rows.append(dict(model=name, aim=aim, runs=len(seconds), seconds=median(seconds), estimated=accs[0] is None, accuracy=None if accs[0] is None else mean(accs),
            spread=stdev(accs) if len(accs)>1 else None, reached=None if accs[0] is None else sum(o>=aim for o in accs)))
    unit = next(o['seconds'] for o in rows if o['model']==PEER)
    for o in rows: o['ratio'] = unit/o['seconds']
    limit = list(epochs.values())[-1]
    return dict(machine=machine(device), dtype=str(dtype).removeprefix('torch.'), quick=quick, epoch=[dict(way=k, seconds=v, times_the_products=v/limit) for k,v in epochs.items()], models=rows)

def tables(res):
    "What `bench` returns, as text"
    import pandas as pd
    epoch = pd.DataFrame([(o['way'], f"{1000*o['seconds']:.0f}", f"{o['times_the_products']:.2f}") for o in res['epoch']], columns=['an epoch of 784-30-10','milliseconds','in units of the products'])
    models = pd.DataFrame([(o['model'], f"{o['aim']:.1%}", f"{'~' if o['estimated'] else ''}{o['seconds']:.2f}", f"{o['ratio']:.2f}", o['runs'], '' if o['accuracy'] is None else f"{o['accuracy']:.4f}",
        '' if o['spread'] is None else f"{o['spread']:.4f}", '' if o['reached'] is None else f"{o['reached']} of {o['runs']}") for o in res['models']],
        columns=['from uint8 images to answers','aim','seconds','times as fast','runs','accuracy','spread','reached'])
    notes = [f"The course's convnets in {res['dtype']}, all else in float32. 'times as fast': as the one-epoch recipe.",
        "Medians; only ratios from one run can be compared."]
    if res['quick']: notes += ["~: estimated from a tenth of an epoch, without its validation. Without --quick each runs to its end, ours ten times."]
    return '\n\n'.join([res['machine'], epoch.to_string(index=False), models.to_string(index=False), '\n'.join(notes)])

def number(s):
    "Parse the number of rounds"
    if not (s.isdecimal() and int(s)>0): raise ArgumentTypeError(f"{s!r} must be a whole number from 1")
    return int(s)

def main(argv):
    "Read the arguments of `mnist_course bench`, run it, print tables or JSON; a wrong argument exits with 2"
    parser = ArgumentParser(prog='mnist_course bench', description="Time the course's models and their peers, in turn in one process. All of it takes a quarter of an hour on two cores, and belongs on an idle machine.")
    parser.add_argument('--quick', action='store_true', help='less than a minute: one round, the slowest peers estimated')
    parser.add_argument('--rounds', type=number, default=10, metavar='N', help='seeds of each model (default: 10)')
    parser.add_argument('--dtype', choices=('float32','bfloat16'), help="number format of the course's convnets (default: what the hardware multiplies fastest)")
    parser.add_argument('--device', choices=('cpu','cuda','mps'), default='cpu', help='where to train (default: cpu)')
    parser.add_argument('--json', action='store_true', help='print JSON, for programs')
    args = parser.parse_args(argv)
    if not getattr(torch, args.device).is_available(): parser.error(f'argument --device: this machine has no {args.device}')
    say = (lambda s: print(s, file=sys.stderr)) if sys.stderr.isatty() else (lambda s: None)
    res = bench(args.quick, args.rounds, say, args.device, args.dtype and getattr(torch, args.dtype))
    print(json.dumps(res, indent=1) if args.json else tables(res))
