"`mnist_course predict`: what every model of the course says to image files"
import json,sys
from argparse import ArgumentParser

def answers(
    nets, # Models and their nets, from `mnist_course.models.load_models`
    image, # uint8 (28,28), ink is 255, as from `mnist_course.drawing.as_mnist`
)->list: # For each model a dict: chapter, model, answer, and the probability of each digit it knows
    "What each model says to one image"
    from mnist_course.models import probabilities
    res = []
    for model,net in nets:
        probs = dict(zip(model.digits, probabilities(model, net, image[None])[0].tolist()))
        res.append(dict(chapter=model.chapter, model=model.name, answer=max(probs, key=probs.get), probabilities=probs))
    return res

def predict(file, nets):
    "What is known of one file: its size, polarity, frames and `answers`. Raises `ValueError` if it cannot be answered."
    from mnist_course.drawing import as_mnist,read_image
    im = read_image(file)
    image,polarity = as_mnist(im)
    return dict(file=str(file), size=list(im.size), frames=im.info['frames'], polarity=polarity, answers=answers(nets, image))

def text(res):
    "The answers for one file as lines to read"
    first = f", the first of {res['frames']} pictures" if res['frames']>1 else ''
    lines = [f"{res['file']}: {res['size'][0]}×{res['size'][1]} pixels, {res['polarity']}{first}"]
    for o in res['answers']:
        only = '' if len(o['probabilities'])==10 else f"  (knows {' and '.join(map(str, o['probabilities']))} only)"
        lines.append(f"  {o['chapter']} {o['model']:<30}{o['answer']}  {o['probabilities'][o['answer']]:7.2%}{only}")
    return '\n'.join(lines)

def add_device(parser):
    "Give a command that trains the models at its first start `--device`"
    parser.add_argument('--device', choices=('cpu','cuda','mps'), default='cpu',
        help='where to train at the first start (default: cpu); answers come from the CPU')

def check_device(parser, device):
    "Exit with 2 and one line unless this machine has `device`"
    if device=='cpu': return
    import torch
    if not getattr(torch, device).is_available(): parser.error(f'argument --device: this machine has no {device}')

def main(argv):
    "Read the arguments of `mnist_course predict` and answer each file; exits with 1 if one of them could not be answered"
    parser = ArgumentParser(prog='mnist_course predict', description='Say which digit each image file shows, by each model of the course, with its probability. '
        'The models are trained at the first start, which takes about 20 seconds.')
    parser.add_argument('files', nargs='+', metavar='FILE', help='an image of one digit, of any size, in any colours')
    parser.add_argument('--json', action='store_true', help='print JSON, for programs')
    add_device(parser)
    args = parser.parse_args(argv)
    check_device(parser, args.device)
    import torch
    from mnist_course.models import load_models
    torch.set_num_threads(1)
    if sys.stdout: sys.stdout.reconfigure(errors='backslashreplace') # names of files may hold anything
    nets,done = load_models(say=lambda s: print(s, file=sys.stderr), device=args.device),[]
    for file in args.files:
        try:
            done.append(predict(file, nets))
            if not args.json: print(text(done[-1]))
        except ValueError as e:
            done.append(dict(file=file, error=f"{file or repr(file)} {e}"))
            print('mnist_course: ' + done[-1]['error'], file=sys.stderr)
    if args.json: print(json.dumps(done, indent=1))
    sys.exit(any('error' in o for o in done))
