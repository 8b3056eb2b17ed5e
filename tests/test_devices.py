"All that takes tensors works where they are: on a GPU if there is one, else on one that isn't there"
import subprocess,sys
from contextlib import nullcontext
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import mnist_course # before fastai: it silences a warning of PyTorch's
import fastai.callback.progress # no_bar and no_logging
import matplotlib,pytest,torch
from fastai.learner import Learner
from fastai.optimizer import SGD
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn import functional as F

from mnist_course.__main__ import main
from mnist_course import bench,convnet,cross_entropy as ce,data,learner,loss_functions,manual_sgd,models,optimizer
from mnist_course import pixel_similarity as ps,plots,predict,sanity,speed,ten_digits
from pretend_gpu import GPU,OnGPU,gpu

matplotlib.use('agg')
real = torch.cuda.is_available()
needs_gpu = pytest.mark.skipif(not real, reason='there is no GPU')
on_a_gpu = nullcontext if real else gpu

@pytest.fixture
def few(monkeypatch):
    "Trainings read the first 2,000 images only"
    def load_few(*args): return tuple(o[:2000] for o in data.load_mnist(*args))
    for o in (loss_functions,ten_digits,models): monkeypatch.setattr(o, 'load_mnist', load_few)


# What the cases take

N = 40
cuda = partial(torch.Tensor.to, device='cuda')
def grey(n=N): return cuda(torch.rand(n, 28, 28))
def rows(n=N): return cuda(torch.rand(n, 784))
def images(n=N): return cuda(torch.rand(n, 1, 28, 28))
def ink(n=N): return cuda(torch.randint(256, (n,28,28), dtype=torch.uint8))
def labels(n=N, k=10): return cuda(torch.arange(n)%k)
def column(n=N): return labels(n, 2)[:,None]
def weights(*size): return cuda(torch.randn(size)*0.1).requires_grad_()
def batches(x, y): return [(x[:N//2],y[:N//2]),(x[N//2:],y[N//2:])]
def net(): return learner.simple_net(30, 10).cuda()
def dls(): return learner.get_dls((rows(),labels()), (rows(),labels()), bs=10)
def linear(): return partial(loss_functions.linear1, weights=weights(784, 10), bias=weights(10))
def two_layers(h=30): return [weights(*o).detach() for o in ((784,h), (h,), (h,10), (10,))]

def calc_grad():
    model = net()
    return manual_sgd.calc_grad(rows(), labels(), model, ce.cross_entropy),model,[o.grad for o in model.parameters()]

def train_epoch():
    w,b = weights(784, 10),weights(10)
    model = partial(loss_functions.linear1, weights=w, bias=b)
    manual_sgd.train_epoch(model, 0.1, [w,b], batches(rows(), labels()), ce.cross_entropy)
    return w.detach(),b.grad

def basic_optim():
    model = net()
    opt = optimizer.BasicOptim(model.parameters(), 0.1)
    manual_sgd.calc_grad(rows(), labels(), model, ce.cross_entropy)
    opt.step()
    opt.zero_grad()
    return model

def train_model(opt_func):
    model,both = net(),batches(rows(), labels())
    optimizer.train_model(model, 1, both, both, opt_func(model.parameters(), lr=0.1), ce.cross_entropy, ce.accuracy)
    return model

def basic_learner():
    learn = learner.BasicLearner(dls(), net(), ce.cross_entropy, metrics=ce.accuracy)
    learn.fit(1)
    return learn.model

def a_report():
    "A sound set-up of each kind of `Learner`, and one whose model was left on the CPU"
    dls = learner.get_dls(*real_digits(), device='cuda')
    learn = learner.BasicLearner(dls, net(), ce.cross_entropy, lr=0.2, metrics=ce.accuracy)
    report = sanity.check_setup(learn)
    assert report.ok and {o.verdict for o in report.rows}=={'ok'}, report
    by_fastai = Learner(dls, learner.simple_net(30, 10), ce.cross_entropy, metrics=ce.accuracy)
    assert sanity.check_setup(by_fastai).ok, 'it brings model and batches together'
    not_moved = learner.BasicLearner(dls, by_fastai.model, ce.cross_entropy)
    assert sanity.check_setup(not_moved).wrong==['data: batches']
    return learn.model

def a_check_up():
    "The small one, which chapter 10 builds"
    dls,model = learner.get_dls(*real_digits(), device='cuda'),net()
    params = list(model.parameters())
    def step(xb, yb): manual_sgd.train_epoch(model, 0.2, params, [(xb,yb)], ce.cross_entropy)
    found = sanity.check_up(dls.train, model, ce.cross_entropy, ce.accuracy, step, params)
    assert set(found.values())=={None}, found
    return model

def known_answers():
    known = sanity.Known(10, labels())
    return known.scores([0,1], 10.),known.labels([0,1])

def real_digits():
    "Few enough for a quick check, as pairs for training and validation"
    return tuple(tuple(o[:n] for o in ten_digits.mnist_xy(split)) for split,n in (('train',1000),('test',200)))

def sgd_epoch():
    model = net()
    speed.sgd_epoch(model, batches(rows(), labels()))
    return model

def sgd_epoch_by_hand():
    params = two_layers()
    speed.sgd_epoch_by_hand(params, batches(rows(), F.one_hot(labels(), 10).float()))
    return params

def loaders_of_a_learner():
    "The model goes where the batches are"
    batches = [*dls().train,*learner.get_dls(*real_digits(), device='cuda').valid]
    learn = Learner(dls(), learner.simple_net(30, 10), ce.cross_entropy)
    with learn.no_bar(),learn.no_logging(): learn.fit(1)
    return batches,learn.model

def one_cycle():
    model = net()
    opt,sched = speed.one_cycle(model.parameters(), 0.01, 8)
    manual_sgd.calc_grad(rows(), labels(), model, ce.cross_entropy)
    opt.step()
    sched.step()
    return model

def learner_epoch():
    epoch = speed.learner_epoch(dls())
    epoch()

def fast_learner(dtype):
    x = images().to(dtype)
    learn = speed.fast_learner((x,labels()), (x,labels()))
    with learn.no_bar(),learn.no_logging(): learn.fit_one_cycle(**speed.ONE_EPOCH)
    return learn.model

def fit_fast(dtype): return speed.fit_fast(speed.fast_net(), images().to(dtype), labels(), bs=5, shift=1)

def scores_of(dtype): return speed.scores_of(speed.fast_net().cuda(), images().to(dtype), shifts=True)

def recipe(f): return f(ink(2560), labels(2560), ink())

def peers():
    "The nets of others that `bench` trains"
    some = ink(2560),labels(2560),ink(),labels()
    return [run(*some, 0, 0.02) for run in (bench.one_epoch,bench.pytorch_example,bench.keras_example)]

def split_dl():
    distributed = pytest.importorskip('mnist_course.distributed')
    return list(distributed.SplitDL(manual_sgd.TensorDataLoader((rows(),labels()), bs=10), 1, 2))

def each_model():
    "Each model of the table trained a little"
    return [o.fit('cuda', min(o.epochs, 1))[0] for o in models.MODELS]

def load_models():
    "Trained on the GPU, and kept and used on the CPU"
    with TemporaryDirectory() as folder: nets = models.load_models(folder, device='cuda')
    assert {o.device.type for _,model in nets for o in found_in(model)}=={'cpu'}

def answers():
    nets = [(o,o.new().cuda().eval()) for o in models.MODELS if o.new]
    found = predict.answers(nets, ink()[0])
    assert len(found)==len(nets)

def both_dtypes(f): return [f(o) for o in (torch.float32,torch.bfloat16)]

# Name, and what is tried: where the result requires a gradient, that of all parameters behind it is asked for as well
CASES = {
    'pixel_similarity.mnist_distance': lambda: ps.mnist_distance(weights(3, 28, 28), grey(1)[0]),
    'pixel_similarity.is_3': lambda: ps.is_3(grey(), *grey(2)),
    'loss_functions.linear1': lambda: loss_functions.linear1(rows(), weights(784, 1), weights(1)),
    'loss_functions.same_shape': lambda: loss_functions.same_shape(column(), column()),
    'loss_functions.mnist_loss': lambda: loss_functions.mnist_loss(weights(N, 1), column()),
    'manual_sgd.calc_grad': calc_grad,
    'manual_sgd.train_epoch': train_epoch,
    'manual_sgd.batch_accuracy': lambda: manual_sgd.batch_accuracy(weights(N, 1), column()),
    'manual_sgd.validate_epoch': lambda: manual_sgd.validate_epoch(net(), batches(rows(), labels()), ce.accuracy),
    'manual_sgd.TensorDataLoader': lambda: list(manual_sgd.TensorDataLoader((rows(),labels()), bs=16, shuffle=True)),
    'optimizer.BasicOptim': basic_optim,
    'optimizer.train_model': lambda: [train_model(o) for o in (optimizer.BasicOptim,SGD,torch.optim.Adam)],
    'learner.get_dls': loaders_of_a_learner,
    'learner.BasicLearner': basic_learner,
    'learner.simple_net': lambda: net()(rows()),
    'cross_entropy.label_per_row': lambda: ce.label_per_row(weights(N, 10), labels()),
    'cross_entropy.accuracy': lambda: ce.accuracy(weights(N, 10), labels()),
    'cross_entropy.log_softmax': lambda: ce.log_softmax(weights(N, 10)),
    'cross_entropy.softmax': lambda: ce.softmax(weights(N, 10)),
    'cross_entropy.nll_loss': lambda: ce.nll_loss(weights(N, 10), labels()),
    'cross_entropy.cross_entropy': lambda: ce.cross_entropy(weights(N, 10), labels()),
    'ten_digits.nearest_mean': lambda: ten_digits.nearest_mean(grey(), grey(10)),
    'convnet.hold_out': lambda: convnet.hold_out(images(), labels(), 10),
    'convnet.conv_net': lambda: [convnet.conv_net(norm=o).cuda()(images()) for o in (False,True)],
    'convnet.shift': lambda: convnet.shift(weights(N, 1, 28, 28), 2, -1),
    'convnet.random_shift': lambda: convnet.random_shift(images(), 2),
    'speed.products': lambda: speed.products(rows(), two_layers()),
    'speed.learner_epoch': learner_epoch,
    'speed.sgd_epoch': sgd_epoch,
    'speed.grads_by_hand': lambda: speed.grads_by_hand(rows(), F.one_hot(labels(), 10).float(), two_layers()),
    'speed.sgd_epoch_by_hand': sgd_epoch_by_hand,
    'speed.standardize': lambda: both_dtypes(lambda o: speed.standardize(ink(), o)),
    'speed.FlattenLast': lambda: speed.FlattenLast()(weights(N, 3, 4, 5)),
    'speed.fast_net': lambda: [speed.fast_net(norm=o).cuda()(images()) for o in (True,False)],
    'speed.one_cycle': one_cycle,
    'speed.random_crop': lambda: speed.random_crop(images(), 26),
    'speed.fit_fast': lambda: both_dtypes(fit_fast),
    'speed.scores_of': lambda: both_dtypes(scores_of),
    'speed.Mixed': lambda: both_dtypes(lambda o: speed.Mixed(speed.fast_net()).cuda()(images().to(o))),
    'speed.fast_learner': lambda: both_dtypes(fast_learner),
    'speed.small_rows': lambda: speed.small_rows(ink()),
    'speed.fit_by_hand': lambda: speed.fit_by_hand(rows(), labels(), bs=5),
    'speed.recipe_98': lambda: recipe(speed.recipe_98),
    'speed.recipe_99': lambda: recipe(speed.recipe_99),
    'speed.recipe_994': lambda: recipe(partial(speed.recipe_994, epochs=1)),
    'sanity.check_setup': a_report,
    'sanity.check_up': a_check_up,
    'sanity.Known': known_answers,
    'models.MODELS': each_model,
    'models.load_models': load_models,
    'models.NearestMean': lambda: models.NearestMean(k=3).cuda()(ink()/255),
    'models.probabilities': lambda: [models.probabilities(o, o.new().cuda(), ink()) for o in models.MODELS if o.new],
    'predict.answers': answers,
    'distributed.SplitDL': split_dl,
    'bench.candidates': peers,
    'plots.show_digits': lambda: list(plots.show_digits(grey(3)).flat),
    'plots.show_weights': lambda: [plots.show_weights(weights(784), plots.plt.subplots()[1])],
}

NO_TENSOR = 'takes no tensor'
IMAGES = 'takes files, images of Pillow or arrays'
EXCUSES = {
    **{f'data.{o}': NO_TENSOR for o in data.__all__},
    'loss_functions.sample_xy': NO_TENSOR,
    'loss_functions.init_params': NO_TENSOR,
    'ten_digits.mnist_xy': NO_TENSOR,
    'convnet.image_xy': NO_TENSOR,
    **{f'speed.{o}': NO_TENSOR for o in ('race','fast_dtype','bf16_is_native')},
    'speed.ONE_EPOCH': 'arguments of fit_one_cycle',
    'speed.RECIPES': 'a dict of the recipes, each of which has a case',
    'speed.recipe_995': 'recipe_994 with another number of epochs',
    'sanity.Report': NO_TENSOR,
    'sanity.QUESTIONS': 'functions, each of which check_up calls',
    **{f'drawing.{o}': IMAGES for o in import_module('mnist_course.drawing').__all__},
    'models.Model': 'a record, of which MODELS has ten',
    'models.bars': NO_TENSOR,
    'models.weights_folder': NO_TENSOR,
    'distributed.train': 'starts a group of processes by nccl, which needs real GPUs: see below',
    **{f'plots.{o}': NO_TENSOR for o in ('palette','style','weight_colours','animate','sliders')},
}

def found_in(res):
    "All tensors in what a function returns"
    if isinstance(res, nn.Module): return [*res.parameters(),*res.buffers()]
    if isinstance(res, (list,tuple)): return [t for o in res for t in found_in(o)]
    return [res] if isinstance(res, torch.Tensor) else []

def leaves(t):
    "The parameters that `t` was computed from"
    todo,res = [t.grad_fn],set()
    while todo:
        node = todo.pop()
        if node is None or node in res: continue
        res.add(node)
        todo += [o for o,_ in node.next_functions]
    return [o.variable for o in res if hasattr(o, 'variable')]

def try_it(case):
    "Run a case on a GPU, forward and backward. Raises `AssertionError` for what is left on the CPU."
    with on_a_gpu():
        found = found_in(case())
        for t in found:
            if t.grad_fn is None: continue
            t.float().sum().backward(retain_graph=True)
            for p in leaves(t): assert p.grad.device==GPU
        assert all(o.device==GPU for o in found), [tuple(o.shape) for o in found if o.device!=GPU]
    return found

@pytest.mark.parametrize('name', CASES)
def test_works_on_a_gpu(name, few):
    torch.manual_seed(0)
    try_it(CASES[name])

def test_each_export_has_a_case_or_an_excuse():
    package = Path(mnist_course.__file__).parent
    modules = [o.stem for o in package.glob('*.py') if '__all__ = ' in o.read_text(encoding='utf-8')]
    exports = {f'{m}.{name}' for m in modules for name in import_module(f'mnist_course.{m}').__all__}
    assert len(modules) > 10
    assert not exports - {*CASES} - {*EXCUSES}, 'give each a case, or an excuse with its reason'
    assert not {*CASES} & {*EXCUSES}
    for o in (*CASES,*EXCUSES):
        module,name = o.split('.')
        assert hasattr(import_module(f'mnist_course.{module}'), name), f'{o} is no more'


# The test can fail

class Forgetful(nn.Module):
    "Its scale is no buffer, and so stays behind"
    def __init__(self):
        super().__init__()
        self.lin,self.scale = nn.Linear(784, 10),torch.ones(10)

    def forward(self, x): return self.lin(x)*self.scale

class GradOnCPU(torch.autograd.Function):
    "A backward that makes its gradient on the CPU"
    @staticmethod
    def forward(ctx, x): return x*2
    @staticmethod
    def backward(ctx, g): return torch.full(g.shape, 2.)

FAULTS = {
    'a new tensor': lambda: rows() + torch.zeros(784),
    'an index': lambda: torch.arange(10.)[labels()],
    'means on the CPU': lambda: ten_digits.nearest_mean(grey(), torch.rand(10, 28, 28)),
    'labels on the CPU': lambda: F.cross_entropy(weights(N, 10), labels().cpu()),
    'a net on the CPU': lambda: learner.simple_net()(rows()),
    'a convnet on the CPU': lambda: convnet.conv_net()(images()), # FakeTensorMode of torch 2.11 lets it pass
    'what is no buffer': lambda: Forgetful().cuda()(rows()),
    'a backward': lambda: GradOnCPU.apply(weights(3)),
}

@pytest.mark.parametrize('name', FAULTS)
def test_a_fault_is_found(name):
    with pytest.raises(RuntimeError, match='device'): try_it(FAULTS[name])

def test_a_result_on_the_cpu_is_found():
    with pytest.raises(AssertionError): try_it(lambda: (rows(),torch.zeros(len(rows()))))


# The GPU that isn't there

OPERATIONS = {
    'add': lambda a,b: a+b,
    'add a number': lambda a,b: a+b[0,0],
    'multiply in place': lambda a,b: a.clone().mul_(b),
    'matmul': lambda a,b: a@b,
    'linear': lambda a,b: F.linear(a, b, b[0]),
    'cat': lambda a,b: torch.cat([a,b]),
    'where': lambda a,b: torch.where(a>0, a, b),
    'where of a number': lambda a,b: torch.where(a>0, a, b[0,0]),
    'index': lambda a,b: a[b[0].long()],
    'index_select': lambda a,b: a.index_select(0, b[0].long()),
    'gather': lambda a,b: a.gather(0, b.long()),
    'isin': lambda a,b: torch.isin(a, b),
    'cross entropy': lambda a,b: F.cross_entropy(a, b[0].long(), label_smoothing=0.1),
    'cdist': lambda a,b: torch.cdist(a, b),
    'copy': lambda a,b: a.clone().copy_(b),
    'to': lambda a,b: a.to(b.device),
}

@pytest.mark.skipif(real, reason='there is a real one')
@pytest.mark.parametrize('name', OPERATIONS)
@pytest.mark.parametrize('places', [('cuda','cuda'),('cuda','cpu'),('cpu','cuda')], ids=' and '.join)
def test_pretended_gpu_judges_like_fake_tensor_mode(name, places):
    def outcome(mode):
        with mode:
            try: return OPERATIONS[name](*[torch.zeros(4, 4, device=o) for o in places]).device
            except RuntimeError: return 'refused'
    if name=='index' and places==('cpu','cuda'): pytest.skip('FakeTensorMode lets it pass, a GPU does not')
    assert outcome(gpu()) == outcome(FakeTensorMode())

@pytest.mark.skipif(real, reason='there is a real one')
def test_pretended_gpu_computes_what_the_cpu_does():
    def trained(device):
        torch.manual_seed(0)
        model = nn.Sequential(convnet.conv_net(norm=True), nn.LogSoftmax(1)).to(device)
        opt = torch.optim.Adam(model.parameters())
        x,y = torch.rand(N, 1, 28, 28).to(device),(torch.arange(N)%10).to(device)
        for _ in range(3):
            (ce.nll_loss(model(x), y) + 0.01*model[0][0].weight.square().sum()).backward()
            opt.step()
            opt.zero_grad()
        return [o.detach().cpu() for o in model.state_dict().values()]
    with gpu(): found = trained('cuda')
    for a,b in zip(found, trained('cpu'), strict=True): torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-4)
    assert not isinstance(torch.rand(3), OnGPU) and not torch.cuda.is_available()


# Commands

@pytest.mark.skipif(real, reason='there is a GPU')
@pytest.mark.parametrize('args', [['predict','a.png'],['demo'],[]], ids=' '.join)
def test_device_that_is_missing_is_named(args, monkeypatch, capsys):
    monkeypatch.setattr('sys.argv', ['mnist_course',*args,'--device','cuda'])
    with pytest.raises(SystemExit, match='2'): main()
    assert 'this machine has no cuda' in capsys.readouterr().err


# On a real one

@needs_gpu
@pytest.mark.parametrize('model', [o for o in models.MODELS], ids=lambda o: o.name)
def test_model_is_as_good_as_on_the_cpu(model):
    accs = []
    for device in ('cpu','cuda'):
        torch.manual_seed(0)
        accs.append(model.fit(device, model.epochs)[1])
    assert abs(accs[0]-accs[1]) < 0.02

@needs_gpu
@pytest.mark.parametrize('aim', speed.RECIPES)
def test_recipe_reaches_its_aim(aim):
    x,y,test_x,test_y = (o.cuda() for split in ('train','test') for o in data.load_mnist(split))
    accs = [ce.accuracy(speed.RECIPES[aim](x, y, test_x, seed), test_y).item() for seed in range(3)]
    assert sum(accs)/3 > aim-0.001, accs

@needs_gpu
@pytest.mark.parametrize('args', ['mnist_course','mnist_course.distributed --images 2000'])
def test_command_trains_on_a_gpu(args):
    subprocess.run([sys.executable, '-m', *args.split(), '--epochs', '1', '--device', 'cuda'], check=True)
