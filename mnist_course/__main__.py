"The course's command: train its models, each by its chapter's own code, and print a table of what they reach"
import os,sys,time
from argparse import ArgumentTypeError
from importlib import import_module
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

def train(
    seed:Annotated[seed_number,dict(metavar='N')]=42, # Seed of each model's first parameters and of its batches
    device:Annotated[str,dict(choices=('cpu','cuda','mps'))]='cpu', # Where to train; models as small as these gain little on a GPU
    epochs:Annotated[epoch_number,dict(metavar='N')]=None, # Epochs for each model that trains (default: those of its chapter)
):
    "Train every model of the course on MNIST (3s against 7s, then all ten digits), offline, and print a table of what each reaches."
    import pandas as pd
    from mnist_course.models import MODELS,bars
    from fastai.torch_core import set_seed
    rows = []
    with bars():
        for model in MODELS:
            n,start = model.epochs and (epochs or model.epochs),time.perf_counter()
            print(f'{model.chapter} {model.name}')
            set_seed(seed)
            net,accuracy = model.fit(device, n)
            params = sum(o.numel() for o in net.parameters())
            rows.append((model.chapter, model.name, f'{params:,}', n, f'{accuracy:.4f}', f'{time.perf_counter()-start:.1f}'))
    names = 'chapter','model','parameters','epochs','validation accuracy','seconds'
    print(pd.DataFrame(rows, columns=names).to_string(index=False))

def versions():
    "What runs here, in a line, for a report: none of it is imported"
    from importlib.metadata import PackageNotFoundError,version
    from platform import machine,python_version,system
    from mnist_course import __version__
    def installed(name):
        try: return f'{name} {version(name)}'
        except PackageNotFoundError: return f'no {name}'
    parts = f'mnist_course {__version__}',f'Python {python_version()}',installed('torch'),installed('fastai')
    return ', '.join(parts) + f', {system()} {machine()}'

def run():
    "Read the command line; a wrong argument exits with 2 and one line"
    command = dict(check='checks.command', predict='predict', demo='demo', bench='bench').get(*sys.argv[1:2] or [''])
    if command: return import_module(f'mnist_course.{command}').main(sys.argv[2:])
    parser = anno_parser(train, prog='mnist_course')
    parser.epilog = ("Further commands, each with a --help of its own: 'mnist_course predict FILE' answers images of digits, 'mnist_course demo' opens a page to draw on, "
        "'mnist_course check NOTEBOOK' checks answers to an assignment, 'mnist_course bench' times the models beside others.")
    parser.add_argument('--version', action='version', version=versions(),
        help='Versions of the course and of what it runs on, for a report')
    def error(msg):
        print(f'mnist_course: {msg} (mnist_course --help lists the options)', file=sys.stderr)
        sys.exit(2)
    parser.error = error
    args = parser.parse_args()
    import torch
    if not getattr(torch, args.device).is_available(): error(f'argument --device: this machine has no {args.device}')
    torch.set_num_threads(1) # as fast for models of this size, and much faster beside another busy process
    train(args.seed, args.device, args.epochs)

def main():
    "`run`, with an end without a traceback on Ctrl-C, or where nobody reads on (`| head -1`)"
    try:
        try: run()
        finally:
            if sys.stdout: sys.stdout.flush()
    except KeyboardInterrupt: sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)

if __name__=='__main__': main()
