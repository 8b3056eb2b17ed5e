"The packed data, and `untar_data` among kills, races, full disks and folders that may not be written to"
import ctypes,errno,hashlib,inspect,os,shutil,signal,socket,struct,subprocess,sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory,gettempdir

import fastai.data.external as external
import numpy as np,pandas as pd,pytest,torch
from fastai.data.external import URLs,fastai_cfg,untar_data as fastai_untar_data
from fastdownload.core import _locked
from PIL import Image

from mnist_course.data import MNIST_FILE,load_mnist,open_mnist,untar_data

MB = 2**20
def slow(*args): return pytest.param(*args, marks=pytest.mark.slow) # further cases of what the default run tries in few
# From the publishers of the four original files, once gunzipped
IDX_MD5 = dict(train_images='6bbc9ace898e44ae57da46a324031adb', train_labels='a25bea736e30d166cdddb491f175f624',
    test_images='2646ac647ad5339dbf082846283269ea', test_labels='27ae3e4e09519cfbb04c329615203637')


# The packed file

@pytest.fixture(scope='module')
def arrays():
    with np.load(MNIST_FILE, allow_pickle=False) as z: return dict(z)

@pytest.mark.parametrize('name', IDX_MD5)
def test_packed_arrays_are_the_original_idx_files(arrays, name):
    a = arrays[name]
    header = struct.pack('>4i', 2051, len(a), 28, 28) if 'images' in name else struct.pack('>2i', 2049, len(a))
    assert hashlib.md5(header + a.tobytes()).hexdigest() == IDX_MD5[name]

def test_packed_file_holds_four_byte_arrays_and_stays_under_12_MB(arrays):
    assert {o: a.dtype for o,a in arrays.items()} == {o: np.uint8 for o in IDX_MD5}
    assert MNIST_FILE.stat().st_size <= 12_000_000

@pytest.mark.parametrize('damage', [lambda b: bytes([b[0]^1]) + b[1:], lambda b: b[:5*MB] + bytes([b[5*MB]^128]) + b[5*MB+1:],
    lambda b: b[:-1], lambda b: b[:MB], lambda b: b'', lambda b: b+b'\0'], ids='first-byte middle-bit last-byte-lost truncated empty longer'.split())
def test_damaged_file_is_refused_and_named(tmp_path, damage):
    f = tmp_path/'copy.npz'
    f.write_bytes(damage(MNIST_FILE.read_bytes()))
    with pytest.raises(ValueError, match='copy.npz is damaged'): open_mnist(f)


# load_mnist

@pytest.mark.parametrize('split,n', [('train',60_000), ('test',10_000)])
def test_load_mnist_gives_every_image_in_the_original_order(arrays, split, n):
    x,y = load_mnist(split)
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((n,28,28), torch.uint8, (n,), torch.int64)
    assert np.array_equal(x, arrays[f'{split}_images']) and np.array_equal(y, arrays[f'{split}_labels'])

@pytest.mark.parametrize('digits,kept', [((3,7),(3,7)), ([7,3],(3,7)), (0,(0,)), (range(5),(0,1,2,3,4)), (np.array([1,8]),(1,8)),
    (np.int64(4),(4,)), (torch.tensor([2,9]),(2,9)), (torch.tensor(5),(5,))], ids=repr)
def test_digits_keep_those_images_and_their_order(digits, kept):
    x,y = load_mnist('test')
    mask = torch.stack([y==d for d in kept]).any(0)
    x2,y2 = load_mnist('test', digits)
    assert torch.equal(x2, x[mask]) and torch.equal(y2, y[mask])

@pytest.mark.parametrize('split', ['valid','Train','',None,0])
def test_unknown_split_is_told_the_two_there_are(split):
    with pytest.raises(ValueError, match="'train' or 'test'"): load_mnist(split)

@pytest.mark.parametrize('digits', [10, -1, 37, 3.5, '3', (), [], (3,10), [[3,7]], (3,None)], ids=repr)
def test_bad_digits_are_told_the_digits_there_are(digits):
    with pytest.raises(ValueError, match='digits from 0 to 9'): load_mnist('test', digits)


# untar_data: the tools. Trees are hard-linked copies of one whole tree; processes are forks, which need not import torch again.

SAMPLE = URLs.MNIST_SAMPLE
DISKS = [o for o in ('/dev/shm',gettempdir()) if os.access(o, os.W_OK)]
SCRATCH = next((o for o in DISKS if shutil.disk_usage(o).free > 1024*MB), gettempdir()) # in memory where that has room: half the time

@pytest.fixture(autouse=True)
def home(monkeypatch):
    "An empty `FASTAI_HOME`, so that nobody's own is ever touched"
    with TemporaryDirectory(dir=SCRATCH) as d:
        monkeypatch.setenv('FASTAI_HOME', d)
        fastai_cfg.cache_clear()
        yield Path(d)
    fastai_cfg.cache_clear()

@pytest.fixture
def offline(monkeypatch):
    def connect(*args, **kwargs): raise AssertionError('the network was asked')
    monkeypatch.setattr(socket.socket, 'connect', connect)
    monkeypatch.setattr(socket, 'getaddrinfo', connect)

@pytest.fixture(scope='module')
def original():
    "A base folder with a whole tree"
    with TemporaryDirectory(dir=SCRATCH) as d:
        untar_data(SAMPLE, base=d)
        yield Path(d)

@pytest.fixture(scope='module')
def content(original): return read(original/'data/mnist_sample')

@pytest.fixture
def tree(original, home):
    "A whole tree, in `home`"
    shutil.copytree(original, home, copy_function=os.link, dirs_exist_ok=True)
    return home/'data/mnist_sample'

def stamps(files): return {o: (o.stat().st_ino, o.stat().st_mtime_ns) for o in files}

def read(path):
    "The content of every file below `path`, by its name there"
    return {f'{d}/{o}'[len(f'{path}/'):]: Path(d, o).read_bytes() for d,_,names in os.walk(path) for o in names}

def check(home, content):
    "The tree in `home` is whole, byte for byte, and nothing lies beside it"
    assert os.listdir(home/'data') == ['mnist_sample']
    got = read(home/'data/mnist_sample')
    assert [o for o in content if got.get(o)!=content[o]] == []
    assert sorted(got.keys()-content) == []

def lose(tree):
    "What a user may do to a tree: a folder and some files gone, two files empty. Returns how many files that concerns"
    shutil.rmtree(tree/'valid/7')
    lost = sorted((tree/'train/3').iterdir())[100:400] + [tree/'labels.csv', tree/'train/7/15.png']
    for o in lost: o.unlink()
    for o in lost[-2:]: o.touch()
    return 1028+len(lost)

def in_processes(*calls, before=lambda: None):
    "What becomes of `untar_data(SAMPLE, **kwargs)` for the kwargs in `calls`, at once, each in a process that first calls `before`"
    if not sys.platform.startswith('linux'): pytest.skip("forks, signals and root's privileges are those of Linux")
    def start():
        sys.stdout = open(os.devnull, 'w') # without this, limits on files would hit the progress bar first
        before()
    with ProcessPoolExecutor(len(calls), mp_context=get_context('fork'), initializer=start) as ex:
        return [o.exception() or o.result() for o in [ex.submit(untar_data, SAMPLE, **kw) for kw in calls]]

def killed_at(event, n):
    "Have this process killed just before the `n`th `event` (Python's name for it) in the tree or beside it"
    left = n
    def hook(name, args):
        nonlocal left
        if name!=event or not (name=='os.remove' or 'mnist_sample' in str(args[0])): return
        if name=='open' and not args[2] & os.O_WRONLY: return
        left -= 1
        if not left: os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

def no_privileges():
    "Take from root the right to write where others may not"
    if os.geteuid()==0: assert ctypes.CDLL(None).capset(struct.pack('Ii', 0x20080522, 0), bytes(24)) == 0

def small_files_only(size):
    import resource # POSIX, as all that forks
    resource.setrlimit(resource.RLIMIT_FSIZE, (size,size))

@contextmanager
def read_only(path):
    "Nothing in the folder `path` may be created, renamed or removed"
    folders = [path, *(o for o in path.rglob('*') if o.is_dir())]
    for o in folders: o.chmod(0o555)
    try: yield
    finally:
        for o in folders: o.chmod(0o755)

def helpful(e): return 'there is room and that you may write' in str(e) and 'FASTAI_HOME' in str(e)


# untar_data: what it promises

def test_arguments_and_defaults_are_those_of_fastai():
    def f(o): return [(p.name,p.kind,p.default) for p in inspect.signature(o).parameters.values()]
    assert f(untar_data) == f(fastai_untar_data)

@pytest.mark.parametrize('url,folders,digits,step', [(SAMPLE, ('train','valid'), (3,7), 5), (URLs.MNIST, ('training','testing'), range(10), 499)],
    ids=['MNIST_SAMPLE','MNIST'])
def test_tree_is_that_of_fastai_and_fastai_then_asks_no_network(arrays, home, offline, url, folders, digits, step):
    path = untar_data(url)
    expect = {path/folder/str(d)/f'{i}.png': arrays[f'{split}_images'][i] for folder,split in zip(folders,('train','test'))
        for i,d in enumerate(arrays[f'{split}_labels']) if d in digits}
    assert set(path.glob('*/*/*')) == set(expect)
    for f in list(expect)[::step]: assert np.array_equal(Image.open(f), expect[f]), f
    assert fastai_untar_data(url) == path == home/'data'/url.split('/')[-1].removesuffix('.tgz')
    with pytest.raises(AssertionError, match='the network was asked'): fastai_untar_data(URLs.MNIST_TINY)
    fastai_cfg.cache_clear()
    assert dict(fastai_cfg().d) == dict(data='data', archive='archive', storage='tmp', model='models')

def test_sample_has_6131_and_6265_digits_to_train_and_1010_and_1028_to_validate(original):
    n = {f'{o}/{d}': len(os.listdir(original/'data/mnist_sample'/o/d)) for o in ('train','valid') for d in '37'}
    assert n == {'train/3':6131, 'train/7':6265, 'valid/3':1010, 'valid/7':1028}

def test_labels_csv_names_each_file_once_with_0_for_a_3_and_1_for_a_7(original):
    path = original/'data/mnist_sample'
    df = pd.read_csv(path/'labels.csv')
    assert list(df) == ['name','label'] and len(df) == 14_434
    assert dict(df.values) == {str(o.relative_to(path)): int(o.parent.name=='7') for o in path.glob('*/*/*')}

@pytest.mark.parametrize('kwargs,where', [(dict(base='b'), 'b/data'), (dict(archive='a', data='d'), 'd'), (dict(c_key='storage'), 'tmp')], ids=str)
def test_base_archive_data_and_c_key_lead_where_they_lead_fastai(home, offline, kwargs, where):
    kwargs = {k: v if k=='c_key' else home/v for k,v in kwargs.items()}
    path = untar_data(SAMPLE, **kwargs)
    assert len(list(path.glob('*/*/*.png'))) == 14_434
    if 'archive' in kwargs: assert os.listdir(home/'a') == ['mnist_sample.tgz.lock']
    assert fastai_untar_data(SAMPLE, **kwargs) == path == home/where/'mnist_sample'

def test_any_other_url_goes_to_fastai_with_every_argument(monkeypatch):
    monkeypatch.setattr(external, 'untar_data', lambda *args, **kw: inspect.signature(fastai_untar_data).bind(*args, **kw).arguments)
    kwargs = dict(url=URLs.MNIST_TINY, archive='a', data='d', c_key='storage', force_download=True, base='b')
    assert untar_data(**kwargs) == kwargs

def test_whole_tree_is_left_alone(tree, content):
    before = stamps(tree.rglob('*'))
    assert untar_data(SAMPLE) == tree
    assert stamps(tree.rglob('*')) == before
    check(tree.parents[1], content)

def test_lost_and_emptied_files_come_back_and_no_other_is_touched(home, tree, content):
    extra = {tree/'train/3/notes.txt': 'mine', tree/'valid/3/3 (copy).png': 'mine too', tree/'models/best.pth': 'weights'}
    (tree/'models').mkdir()
    for o,text in extra.items(): o.write_text(text)
    n = lose(tree)
    before = stamps(o for o in tree.rglob('*') if o.is_file() and o.stat().st_size)
    assert len(before) == len(content)+3-n
    assert untar_data(SAMPLE) == tree
    assert stamps(before) == before
    assert {o: o.read_text() for o in extra} == extra
    for o in extra: o.unlink()
    check(home, content)

def test_force_download_replaces_altered_and_stray_files(home, tree, content):
    for o in ('train/3/7.png', 'train/3/stray.png'):
        (tree/o).unlink(missing_ok=True)
        (tree/o).write_text('not an image')
    assert untar_data(SAMPLE, force_download=True) == tree
    check(home, content)

def test_force_download_replaces_a_file_that_is_in_the_way(home, content):
    (home/'data').mkdir()
    (home/'data/mnist_sample').write_text('not a folder')
    untar_data(SAMPLE, force_download=True)
    check(home, content)

@pytest.mark.skipif(os.name!='posix', reason='Windows asks for a privilege to make links')
def test_link_that_leads_nowhere_among_the_images_does_no_harm(home, tree, content):
    (tree/'train/3/.#7.png').symlink_to('somebody@somewhere.1234:567') # how Emacs marks a file that it has open
    untar_data(SAMPLE)
    (tree/'train/3/.#7.png').unlink()
    check(home, content)

@pytest.mark.parametrize('suffix', ['old','new'])
def test_folders_of_the_user_beside_the_tree_survive(tree, suffix):
    notes = tree.with_name(f'mnist_sample.{suffix}')/'notes.txt'
    notes.parent.mkdir()
    notes.write_text('mine')
    lose(tree)
    untar_data(SAMPLE)
    assert notes.read_text() == 'mine'

def test_tree_that_is_a_link_to_another_disk_is_mended_there(home, tree, content):
    other = [o for o in DISKS if os.name=='posix' and os.stat(o).st_dev != home.stat().st_dev]
    if not other: pytest.skip('there is no other disk to link to')
    lose(tree)
    with TemporaryDirectory(dir=other[0]) as d:
        link = Path(d)/'data/mnist_sample'
        link.parent.mkdir()
        link.symlink_to(tree)
        assert untar_data(SAMPLE, base=d) == link
        assert link.is_symlink() and os.listdir(link.parent) == ['mnist_sample']
    check(home, content)


# untar_data: kills

@pytest.mark.parametrize('state,event,n', [
    slow('none','open',1), ('none','open',5000), slow('none','os.rename',1),
    slow('broken','open',700), slow('broken','os.rename',1), ('broken','os.rename',700), slow('broken','os.rmdir',1),
    slow('force','open',5000), ('force','os.rename',1), slow('force','os.remove',5000)])
def test_after_a_kill_the_next_call_ends_with_a_whole_tree(request, home, content, state, event, n):
    tree = home/'data/mnist_sample' if state=='none' else request.getfixturevalue('tree')
    if state=='broken': lose(tree)
    outcome, = in_processes(dict(force_download=state=='force'), before=lambda: killed_at(event, n))
    assert isinstance(outcome, BrokenProcessPool), f'not killed: {outcome}'
    if state=='none': assert not tree.exists(), 'fastai would take this half-written tree for a whole one'
    assert untar_data(SAMPLE) == tree
    check(home, content)

def test_kill_between_the_two_renames_of_a_forced_call_costs_nothing_even_without_room(home, tree, content):
    outcome, = in_processes(dict(force_download=True), before=lambda: killed_at('os.rename', 2))
    assert isinstance(outcome, BrokenProcessPool) and not tree.exists(), outcome
    assert in_processes({}, before=lambda: small_files_only(500)) == [tree]
    check(home, content)


# untar_data: races

@pytest.mark.parametrize('state,force', [('none',(0,0)), slow('none',(0,0,0)), ('broken',(0,0,0)), slow('whole',(1,0,1))])
def test_processes_at_once_all_get_one_whole_tree(request, home, content, state, force):
    tree = home/'data/mnist_sample' if state=='none' else request.getfixturevalue('tree')
    if state=='broken': lose(tree)
    assert in_processes(*(dict(force_download=bool(o)) for o in force)) == [tree]*len(force)
    check(home, content)

def test_call_waits_for_the_lock_of_fastais_downloader(home, tree, content):
    n = lose(tree)
    with ProcessPoolExecutor(1, mp_context=get_context('fork')) as ex:
        with _locked(home/'archive/mnist_sample.tgz.lock'):
            call = ex.submit(untar_data, SAMPLE)
            with pytest.raises(TimeoutError): call.result(timeout=2)
            assert len(read(tree)) == len(content)-n+2 and os.listdir(tree.parent) == ['mnist_sample']
        assert call.result() == tree
    check(home, content)


# untar_data: folders that may not be written to

@pytest.mark.parametrize('locked', ['', 'archive', 'data'])
def test_read_only_folder_is_refused_with_advice_and_nothing_is_left(home, locked):
    if locked:
        for o in ('data','archive'): (home/o).mkdir()
        fastai_cfg()
    before = set(home.rglob('*'))
    with read_only(home/locked): e, = in_processes({}, before=no_privileges)
    assert isinstance(e, PermissionError) and helpful(e), e
    assert set(home.rglob('*')) - before <= {home/'archive/mnist_sample.tgz.lock'}

def test_broken_tree_in_a_read_only_place_is_refused_and_left_as_it_is(home, tree):
    lose(tree)
    before = read(home)
    with read_only(home): e, = in_processes({}, before=no_privileges)
    assert isinstance(e, PermissionError) and helpful(e), e
    assert read(home) == before

def test_whole_tree_in_a_read_only_place_is_returned(home, tree):
    with read_only(home): assert in_processes({}, before=no_privileges) == [tree]

def test_whole_tree_in_a_read_only_place_is_returned_beside_the_remains_of_a_kill(home, tree):
    outcome, = in_processes(dict(force_download=True), before=lambda: killed_at('open', 100))
    assert isinstance(outcome, BrokenProcessPool) and len(os.listdir(tree.parent))==2, outcome
    with read_only(home): assert in_processes({}, before=no_privileges) == [tree]


# untar_data: full disks

@pytest.mark.parametrize('size', [0, 500, 100_000], ids=['no-config', 'no-image', 'no-table'])
def test_without_room_for_a_file_nothing_is_left_and_with_room_it_works(home, content, size):
    e, = in_processes({}, before=lambda: small_files_only(size))
    assert isinstance(e, OSError) and e.errno==errno.EFBIG and helpful(e), e
    assert not (home/'data').exists() or os.listdir(home/'data') == []
    fastai_cfg.cache_clear()
    untar_data(SAMPLE)
    check(home, content)

def test_without_room_a_broken_tree_keeps_what_it_has_and_gets_no_half_image(home, tree, content):
    (tree/'train/3/7.png').unlink()
    e, = in_processes({}, before=lambda: small_files_only(500))
    left = read(tree)
    assert 'train/3/7.png' not in left, f"{len(left['train/3/7.png'])} of {len(content['train/3/7.png'])} bytes written, outcome: {e}"
    assert isinstance(e, OSError) and e.errno==errno.EFBIG and helpful(e), e
    assert len(left) == len(content)-1
    untar_data(SAMPLE)
    check(home, content)

def test_full_disk_is_reported_and_nothing_is_left_on_it(home, content):
    def mount(*args): return subprocess.run(['mount', *args, home], capture_output=True, text=True)
    done = mount('-t', 'tmpfs', '-o', 'size=8m', 'tmpfs')
    if done.returncode: pytest.skip(f'may not mount a small disk: {done.stderr}')
    try:
        e, = in_processes({})
        assert isinstance(e, OSError) and e.errno==errno.ENOSPC and helpful(e), e
        assert os.listdir(home/'data') == []
        mount('-o', 'remount,size=100m')
        untar_data(SAMPLE)
        check(home, content)
    finally: subprocess.run(['umount', home], check=True)
