"`check_setup` changes nothing"
from .setups import *
from . import test_data,test_loss,test_metric,test_training # they register set-ups
from .test_training import step_by_hand

def generators(): return [random.getstate(),np.random.get_state(),torch.get_rng_state(),torch.is_grad_enabled()]

def snapshot(tensors, modules=(), loaders=(), others=()):
    "What `check_setup` could change, in a form that `same` compares"
    hooks = [n for n in vars(nn.Module()) if n.endswith('_hooks')]
    return dict(values=[o.detach().clone() for o in tensors], tensors=[id(o) for o in tensors],
        requires=[o.requires_grad for o in tensors],
        grads=[o.grad for o in tensors], grad_values=[None if o.grad is None else o.grad.clone() for o in tensors],
        tensor_hooks=[len(o._backward_hooks or ()) for o in tensors], modes=[o.training for o in modules],
        hooks=[[len(getattr(o, n)) for n in hooks] for o in modules], names=[[*vars(o)] for o in [*modules,*others]],
        parts=[{k: id(v) for k,v in vars(o).items()} for o in others], rng=generators(),
        loader_rng=[rng_of(o) for o in loaders])

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
    for k,v in before.items(): assert same(v, after[k]) if k!='grads' else all(map(operator.is_, v,
        after[k])), f'{k} changed'
    assert same(first, next_batches(loaders)), 'the loaders give other batches'
    assert not any(v for k,v in vars(nn.modules.module).items() if re.fullmatch(r'_global\w*_hooks',
        k)), 'a global hook was left'
    return report

def parts(model): return [*model.parameters(),*model.buffers()]

def rich_net():
    return nn.Sequential(nn.Linear(784, 30), nn.BatchNorm1d(30), nn.ReLU(), nn.Dropout(), nn.Linear(30, 10))

@pytest.mark.parametrize('training', [True,False])
def test_module_with_batch_norm_and_dropout_is_untouched(training):
    set_seed(3)
    model,(xb,yb) = rich_net(),batches(ten()[0])[0]
    F.cross_entropy(model(xb), yb).backward()
    model.train(training)[1].train(not training) # one layer in the other mode
    dls = torch_dls(*ten())
    report = assert_untouched(ten_columns(dls, model, metrics=accuracy, lr=0.01, opt_func=torch.optim.Adam),
        parts(model), model.modules(), dls)
    assert report.ok, report

@pytest.mark.parametrize('given', [True,False], ids=['params','no params'])
def test_function_over_global_weights_with_gradients_is_untouched(given):
    set_seed(3)
    (w,b),model = linear(10)
    cross_entropy(model(ten()[0][0][:64]), ten()[0][1][:64]).backward()
    b.grad = None # one has a gradient and the other has none
    dls,kw = fast_dls(*ten()),dict(params=[w,b]) if given else {}
    assert_untouched(dict(dls=dls, model=model, loss_func=cross_entropy, metrics=accuracy, lr=0.5, **kw), [w,b],
        loaders=[dls.train,dls.valid])

def test_learner_of_fastai_is_untouched():
    set_seed(3)
    learn = Learner(fast_dls(*ten()), rich_net(), CrossEntropyLossFlat(), lr=0.01,
        metrics=[fastai_accuracy,error_rate])
    assert_untouched(dict(dls=learn), parts(learn.model), learn.model.modules(), learn.dls.loaders,
        [learn,learn.dls,*learn.metrics])

def test_learner_of_fastai_that_has_been_trained_is_untouched():
    set_seed(3)
    learn = Learner(fast_dls(*ten(n=320)), rich_net(), CrossEntropyLossFlat(), lr=0.01, metrics=fastai_accuracy)
    with learn.no_logging(): learn.fit(1)
    moments = [v for state in learn.opt.state.values() for v in state.values() if torch.is_tensor(v)]
    assert_untouched(dict(dls=learn), [*parts(learn.model),*moments], learn.model.modules(), learn.dls.loaders,
        [learn,learn.opt,learn.recorder])

def test_basic_learner_is_untouched():
    set_seed(3)
    learn = BasicLearner(fast_dls(*two()), simple_net(), mnist_loss, lr=0.5, metrics=batch_accuracy)
    assert_untouched(dict(dls=learn), parts(learn.model), learn.model.modules(), learn.dls.loaders, [learn])
    assert learn.recorder == []

def test_loader_with_a_generator_of_its_own_is_untouched():
    set_seed(3)
    dls,model = torch_dls(*two(), generator=torch.Generator().manual_seed(5)),simple_net()
    assert_untouched(one_column(dls, metrics=batch_accuracy, lr=0.5) | dict(model=model), parts(model),
        model.modules(), dls)

def test_lists_of_batches_are_untouched():
    set_seed(3)
    dls,model = list_dls(*ten()),conv_net(norm=True)
    kw = ten_columns(tuple([(images(xb),yb) for xb,yb in o] for o in dls), model, metrics=hit, lr=0.1)
    assert_untouched(kw, parts(model) + [o for dl in kw['dls'] for b in dl for o in b], model.modules(), kw['dls'])

def test_step_of_one_s_own_leaves_nothing_changed():
    set_seed(3)
    kw = step_by_hand()
    assert_untouched(kw, kw['params'], loaders=kw['dls'].loaders)

@pytest.mark.parametrize('name',
    ['loss_of_an_item','loss_without_a_return','all_frozen','step_without_zeroing','body_without_grad',
    'rate_of_a_hundred','items_that_raise','mean_of_booleans','pixels_that_are_infinite',
    'metric_that_refuses_flat_labels',
    'optimizer_for_a_function','layers_in_a_list'])
def test_faulty_setup_is_untouched(name):
    set_seed(3)
    kw = FAULTY[name][0]()
    learn = kw['dls'] if isinstance(kw['dls'], (Learner,BasicLearner)) else None
    model = learn.model if learn else kw['model']
    hidden = [p for o in getattr(model, 'layers', []) for p in o.parameters()]
    readable = kw['dls'].loaders if isinstance(kw['dls'], DataLoaders) and name!='items_that_raise' else []
    if isinstance(model, nn.Module): assert_untouched(kw, [*parts(model),*hidden], model.modules(), readable,
        [learn] if learn else [])
    else: assert_untouched(kw, kw['params'], loaders=readable)
