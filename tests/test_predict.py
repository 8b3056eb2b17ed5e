"`mnist_course predict`: files of all kinds, and weights that are kept"
import json,os,pickle,shutil,subprocess,sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path

import numpy as np,pytest,torch
from PIL import Image,ImageOps

from mnist_course import models
from mnist_course.data import load_mnist
from mnist_course.drawing import as_mnist,read_image
from mnist_course.predict import answers,main,predict

@pytest.fixture(scope='module')
def digits(): return load_mnist('test')

@pytest.fixture(scope='module')
def nets(trained): return models.load_models(trained)

def run(*args, home):
    "Run the command in a process of its own, with its cache below `home`"
    return subprocess.run([sys.executable,'-m','mnist_course','predict',*map(str, args)], capture_output=True, text=True, env=dict(os.environ, XDG_CACHE_HOME=str(home)))


# Files that can be answered

def rendered(image, rng):
    "A test digit as somebody might send it: another size, place, polarity and colour of the stroke"
    k = int(rng.integers(30, 400))
    stroke = np.asarray(Image.fromarray(image.numpy()).resize((k,k), Image.Resampling.BICUBIC))/255
    ink = np.zeros(k+rng.integers(4, 200, 2))
    top,left = (int(rng.integers(0, n-k+1)) for n in ink.shape)
    ink[top:top+k,left:left+k] = stroke
    while True:
        paper,pen = rng.integers(0, 256, (2,3))
        if np.linalg.norm(paper-pen) > 120: break
    return Image.fromarray(np.uint8(paper*(1-ink[...,None]) + pen*ink[...,None]))

def test_rendered_digits_are_answered_as_the_originals_are(digits, nets, tmp_path):
    x,y = digits
    rng,idxs = np.random.default_rng(1),torch.randperm(10_000, generator=torch.Generator().manual_seed(1))[:200]
    agreed,polarities = {model.name: [] for model,_ in nets},set()
    for n,i in enumerate(idxs.tolist()):
        file = tmp_path/f'{i}.{("png","jpg","webp","bmp")[n%4]}'
        rendered(x[i], rng).save(file, quality=90)
        found = predict(file, nets)
        polarities.add(found['polarity'])
        for (model,_),ours,plain in zip(nets, found['answers'], answers(nets, x[i])):
            if y[i] in model.digits: agreed[model.name].append(ours['answer']==plain['answer'])
    shares = {name: sum(o)/len(o) for name,o in agreed.items()}
    print(shares)
    assert polarities=={'dark on light','light on dark'}
    templates = 'ten digits, pixel similarity','ten digits, linear by hand' # a shift by a pixel, from rounding, means more to them
    assert all(v >= (0.9 if k in templates else 0.97) for k,v in shares.items()), shares

def photo(digits, i=0, size=100): return Image.fromarray(255-digits[0][i].numpy()).resize((size,size), Image.Resampling.BICUBIC)

def sixteen_bits(im): return Image.fromarray(np.asarray(im).astype(np.uint16)*4)
def faint_sixteen_bits(im): return Image.fromarray(30_000+np.asarray(im).astype(np.uint16))
def transparent(colour):
    def f(im):
        rgba = np.zeros((*im.size,4), dtype=np.uint8)
        rgba[...,:3],rgba[...,3] = colour,255-np.asarray(im)
        return Image.fromarray(rgba)
    return f
def tilted(im):
    im = im.convert('RGB').rotate(-90)
    im.getexif()[0x112] = 8
    return im
KINDS = {'grey.png': lambda im: im, 'bilevel.png': lambda im: im.convert('1'), 'palette.gif': lambda im: im.convert('P'), 'cmyk.jpg': lambda im: im.convert('CMYK'),
    'cmyk.tif': lambda im: im.convert('CMYK'), 'lab.tif': lambda im: im.convert('RGB').convert('LAB'), '16bit.png': sixteen_bits, 'faint16.png': faint_sixteen_bits, 'float.tif': lambda im: im.convert('F'),
    'black_ink.png': transparent(0), 'white_ink.png': transparent(255), 'red_ink.png': transparent((200,30,30)), 'la.png': lambda im: transparent(0)(im).convert('LA'),
    'exif.jpg': tilted, 'small.png': lambda im: im.resize((12,12)), 'wide.bmp': lambda im: im.crop((-300,-10,300,110)).point(lambda v: v or 0)}

@pytest.mark.parametrize('name', KINDS)
def test_every_mode_gives_what_the_model_would_have_seen(name, digits, nets, tmp_path):
    im = photo(digits)
    if name=='wide.bmp':
        wide = Image.new('L', (900,130), 255)
        wide.paste(im, (700,20))
        im = wide
    file = tmp_path/name
    saved = KINDS[name](im) if name!='wide.bmp' else im
    saved.save(file, **(dict(exif=saved.getexif()) if name=='exif.jpg' else {}))
    found = predict(file, nets)
    assert found['frames']==1 and found['polarity']==('light on dark' if name=='white_ink.png' else 'dark on light')
    assert [o['answer'] for o in found['answers'] if len(o['probabilities'])==10] == [7]*4, found
    seen = as_mnist(read_image(file))[0].float()
    assert name=='small.png' or np.corrcoef(seen.flatten(), digits[0][0].float().flatten())[0,1] > 0.9

def test_of_an_animation_the_first_picture_is_answered_and_that_is_said(digits, nets, tmp_path):
    photo(digits).save(tmp_path/'a.gif', save_all=True, append_images=[photo(digits, 1),photo(digits, 2)])
    found = predict(tmp_path/'a.gif', nets)
    assert found['frames']==3 and found['answers'][-1]['answer']==7


# Files that cannot

ODD = os.fsdecode(b'odd\xff.png') if sys.platform=='linux' else 'odd.png' # only Linux has names that are no UTF-8

def png(im):
    out = BytesIO()
    im.save(out, 'PNG')
    return out.getvalue()

@pytest.fixture(scope='module')
def bad(tmp_path_factory, digits):
    "A folder of files, and what is said about each"
    d,whole = tmp_path_factory.mktemp('bad'),png(photo(digits))
    files = {'text.png': b'not an image, whatever the name says', 'truncated.png': whole[:len(whole)//2], 'header.png': whole[:40], 'empty.png': b'',
        'huge.png': png(Image.new('1', (20_000,20_000))), 'large.png': png(Image.new('1', (8000,8000))), 'blank.png': png(Image.new('RGB', (50,50), 'white')),
        'dot.png': png(Image.new('L', (1,1), 7)), 'broken.svg': b'<svg xmlns="http://www.w3.org/2000/svg"/>', 'pickle.png': pickle.dumps([1,2,3]), 'framed.png': png(ImageOps.expand(photo(digits), 3))}
    for name,raw in files.items(): (d/name).write_bytes(raw)
    (d/'folder.png').mkdir()
    if hasattr(os, 'mkfifo'): os.mkfifo(d/'pipe.png')
    said = {'text.png': 'no image of a known format', 'truncated.png': 'damaged', 'header.png': ('damaged','no image'), 'empty.png': 'is empty', 'huge.png': 'more than 50 million pixels', 'large.png': 'more than 50 million pixels',
        'blank.png': 'is blank', 'framed.png': 'crop it', 'dot.png': 'is blank', 'broken.svg': 'no image of a known format', 'pickle.png': 'no image', 'folder.png': 'is a folder', 'pipe.png': 'no regular file', 'missing.png': 'No such file'}
    if not hasattr(os, 'mkfifo'): del said['pipe.png'] # Windows
    return d,said

def test_bad_files_get_a_line_each_and_the_others_are_answered(bad, trained, digits, tmp_path):
    d,said = bad
    good = [tmp_path/o for o in (ODD,'last.png')]
    for o in good: photo(digits).save(o)
    done = run(good[0], *(d/o for o in said), good[1], home=trained.parents[1])
    lines = done.stderr.splitlines()
    assert done.returncode==1 and len(lines)==len(said), done.stderr
    for line,(name,expected) in zip(lines, said.items()):
        assert line.startswith(f'mnist_course: {d/name} ') and any(o in line for o in ([expected] if isinstance(expected, str) else expected)), line
    heads = [o for o in done.stdout.splitlines() if not o.startswith(' ')]
    shown = [str(o).encode(errors='backslashreplace').decode() for o in good]
    assert heads == [f'{o}: 100×100 pixels, dark on light' for o in shown], done.stdout

def test_json_says_the_same_for_programs(bad, trained, digits, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv('XDG_CACHE_HOME', str(trained.parents[1]))
    odd = tmp_path/ODD
    photo(digits).save(odd)
    with pytest.raises(SystemExit) as e: main([str(odd),str(bad[0]/'empty.png'),'--json'])
    good,empty = json.loads(capsys.readouterr().out)
    assert e.value.code==1 and good['polarity']=='dark on light' and 'is empty' in empty['error'] and empty['file'].endswith('empty.png')
    assert [o['answer'] for o in good['answers']][-1]==7 and all(abs(sum(o['probabilities'].values())-1)<1e-4 for o in good['answers'])

slow = pytest.mark.slow

@pytest.mark.skipif(os.name!='posix', reason='pipes of a POSIX shell')
@pytest.mark.parametrize('end', ['a.png a.png | head -1', pytest.param('a.png --json | true', marks=slow), pytest.param('a.png >&-', marks=slow)])
def test_nobody_reading_on_and_a_closed_stdout_end_without_a_traceback(end, trained, digits, tmp_path):
    photo(digits).save(tmp_path/'a.png')
    done = subprocess.run(f'{sys.executable} -m mnist_course predict {end}', shell=True, cwd=tmp_path, capture_output=True, text=True,
        env=dict(os.environ, XDG_CACHE_HOME=str(trained.parents[1])))
    assert done.stderr=='', done.stderr

@pytest.mark.skipif(os.name!='posix', reason='permissions of POSIX')
def test_file_without_permission_gets_a_line(digits, tmp_path):
    file = tmp_path/'mine.png'
    photo(digits).save(file)
    file.chmod(0)
    root = os.geteuid()==0
    if root: os.seteuid(65534)
    try:
        with pytest.raises(ValueError, match='cannot be read: Permission denied'): read_image(file)
    finally:
        if root: os.seteuid(0)

@pytest.mark.parametrize('args', [[], ['--jsn','a.png']], ids=str)
def test_wrong_arguments_exit_with_2(args, tmp_path):
    done = run(*args, home=tmp_path)
    assert (done.returncode,done.stdout)==(2,'') and 'mnist_course predict' in done.stderr and not [*tmp_path.iterdir()]


# Weights that are kept

LINEAR = replace(next(o for o in models.MODELS if o.name=='linear, by hand'), epochs=1)

def file_of(folder, model): return next(folder.glob(f'{models.slug(model)}.*.safetensors'))
def named(folder, model, raw):
    "Put `raw` in place of the model's weights, under a name that fits"
    file_of(folder, model).unlink()
    (folder/f'{models.slug(model)}.{models.checksum(raw)}.safetensors').write_bytes(raw)

def flip(folder, model):
    raw = bytearray(file_of(folder, model).read_bytes())
    raw[-100] ^= 1
    file_of(folder, model).write_bytes(raw)
def cut(folder, model): (f := file_of(folder, model)).write_bytes(f.read_bytes()[:-4])
def empty(folder, model): file_of(folder, model).write_bytes(b'')
def lose(folder, model): file_of(folder, model).unlink()
def other_shape(folder, model): named(folder, model, safetensors({'weight': torch.zeros(10,784), 'bias': torch.zeros(10)}))
def other_names(folder, model): named(folder, model, safetensors({'w': torch.zeros(1,784), 'bias': torch.zeros(1)}))
def other_dtype(folder, model): named(folder, model, safetensors({'weight': torch.zeros(1,784, dtype=torch.float64), 'bias': torch.zeros(1)}))
def other_model(folder, model): named(folder, model, file_of(folder, models.MODELS[0]).read_bytes())
class Trap:
    def __reduce__(self): return open, (str(Trap.file), 'w')
def a_pickle(folder, model):
    Trap.file = folder/'sprung'
    named(folder, model, pickle.dumps(Trap()))
def torch_save(folder, model):
    out = BytesIO()
    torch.save({'weight': torch.zeros(1,784), 'bias': torch.zeros(1), 'trap': Trap()}, out)
    named(folder, model, out.getvalue())
def safetensors(tensors):
    from safetensors.torch import save
    return save(tensors)

@pytest.mark.parametrize('damage', [flip,cut,empty,lose,other_shape,other_names,other_dtype,other_model,a_pickle,torch_save], ids=lambda o: o.__name__)
def test_damaged_or_foreign_weights_are_found_out_and_made_anew(damage, trained, tmp_path, digits, monkeypatch):
    monkeypatch.setattr(models, 'MODELS', [replace(o, epochs=min(o.epochs, 1)) for o in models.MODELS])
    folder = tmp_path/'models'
    shutil.copytree(trained, folder)
    damage(folder, LINEAR)
    said = []
    again = models.load_models(folder, said.append)
    assert len(said)==1 and said[0].startswith('Training 1 of 7 models'), said
    assert [o['answer'] for o in answers(again, digits[0][0])]==[7]*len(again)
    assert len([*folder.glob(f'{models.slug(LINEAR)}*')])==1 and models.stored(LINEAR, folder)
    assert not (folder/'sprung').exists()
    models.load_models(folder, said.append)
    assert len(said)==1, 'trained again, though the weights are there'

def test_stored_weights_answer_as_the_trained_models_do(trained, digits, tmp_path):
    said = []
    model = LINEAR
    net = models.train_and_store(model, tmp_path, said.append, "cpu")
    again = models.stored(model, tmp_path)
    torch.testing.assert_close(again.state_dict(), net.state_dict(), rtol=0, atol=0) # what is written is read
    torch.testing.assert_close(*(models.probabilities(model, o, digits[0][:50]) for o in (net,again)))
    assert said==[]

def test_where_nothing_can_be_written_models_answer_all_the_same(tmp_path, monkeypatch, digits):
    monkeypatch.setattr(models, 'MODELS', [LINEAR])
    (tmp_path/'file').write_text('in the way')
    said = []
    [(model,net)] = models.load_models(tmp_path/'file'/'models', said.append)
    assert answers([(model,net)], digits[0][0])[0]['answer']==7
    assert len(said)==2 and 'cannot be kept' in said[1] and 'XDG_CACHE_HOME' in said[1] and [o.name for o in tmp_path.iterdir()]==['file']

def test_write_that_fails_leaves_nothing_half_written(tmp_path, monkeypatch):
    def full(self, raw):
        with open(self, 'wb') as f: f.write(raw[:100])
        raise OSError(28, 'No space left on device')
    monkeypatch.setattr(Path, 'write_bytes', full)
    said = []
    models.train_and_store(LINEAR, tmp_path, said.append, "cpu")
    assert 'No space left' in said[0] and [*tmp_path.iterdir()]==[]

def said_by_load_models(folder):
    said = []
    models.load_models(folder, said.append)
    return said

def test_two_processes_train_once(trained, tmp_path):
    folder = tmp_path/'models'
    shutil.copytree(trained, folder)
    lose(folder, LINEAR)
    with ProcessPoolExecutor(2, mp_context=get_context('fork'), initializer=torch.set_num_threads, initargs=(1,)) as ex:
        said = [o.result() for o in [ex.submit(said_by_load_models, folder) for _ in range(2)]]
    assert str(said).count('Training 1 of 7')==1 and models.stored(LINEAR, folder), said
