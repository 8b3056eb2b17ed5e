"What `check_setup` says of the four notebooks that the course grew out of"
from .setups import *

def half_sample(split, every=6):
    "All 3s, then all 7s"
    x,y = sample_xy(split)
    return x[::every],y[::every]

def seed_001(train, valid, shuffle):
    params,model = linear(1, std=1.)
    dls = tuple(DataLoader(list(zip(*o)), bs=256, shuffle=s) for o,s in ((train,shuffle),(valid,False)))
    return dict(dls=dls, model=model, params=params, loss_func=sigmoid_distance, metrics=batch_accuracy, lr=1.)

@seed('data: pairing')
def seed_001_images_as_their_own_targets():
    return seed_001(*[(x,x) for x,_ in (half_sample('train'),half_sample('test'))], shuffle=False)

@seed('data: shuffled')
def seed_001_pairing_mended(): return seed_001(half_sample('train'), half_sample('test'), shuffle=False)

@sound
def seed_001_mended(): return seed_001(half_sample('train'), half_sample('test'), shuffle=True)

def seed_002(loss_func, metric, std=1., mended=False):
    train,valid = ((x,flat(y)) for x,y in (half_sample('train'),half_sample('test')))
    params,model = linear(2, std)
    train_dl = TorchLoader(TensorDataset(*train), 128, shuffle=mended)
    valid_dl = TorchLoader(TensorDataset(*(valid if mended else train)), 128)
    return dict(dls=(train_dl,valid_dl), model=model, params=params, loss_func=loss_func, metrics=metric,
        lr=1. if std==1 else 0.5)

@seed('loss: direction', 'metric: column', 'data: disjoint', 'data: shuffled')
def seed_002_first_run(): return seed_002(lambda p,y: right_column(p.softmax(1), y).mean(), first_column)

@seed('loss: finite', 'metric: column', 'data: disjoint', 'data: shuffled')
def seed_002_second_run(): return seed_002(lambda p,y: -right_column(p.softmax(1), y).log().mean(), first_column)

@sound
def seed_002_first_run_mended():
    return seed_002(lambda p,y: -right_column(p.softmax(1), y).mean(), second_column, mended=True)

@sound
def seed_002_second_run_mended():
    return seed_002(lambda p,y: -right_column(p.log_softmax(1), y).mean(), second_column, std=0.01, mended=True)

@seed('metric: broadcast', 'data: shuffled', 'loss: start')
def seed_003_linear():
    params,model = linear(10, std=1.)
    return dict(dls=fast_dls_unshuffled(*sort(ten(column, n=2000)), bs=128), model=model, params=params, lr=0.1,
        loss_func=lambda p,y: F.cross_entropy(p, y.squeeze(1)), metrics=hit)

@sound
def seed_003_linear_mended():
    return by_hand(ten(n=2000), 10, dls=partial(get_dls, bs=128), loss_func=F.cross_entropy, metrics=hit, lr=0.5)

@seed('training: learning rate')
def seed_003_net():
    dls = fast_dls_unshuffled(*sort(ten(column, n=2000)), bs=128)
    return dict(dls=Learner(dls, net(), lambda p,y: F.cross_entropy(p, y.squeeze(1)), opt_func=SGD, metrics=hit))

@sound
def seed_003_net_mended():
    return dict(dls=Learner(get_dls(*ten(n=2000), bs=128), net(), F.cross_entropy, opt_func=SGD, lr=0.1, metrics=hit))

def seed_000_items(split):
    x,y = half_sample(split)
    return list(zip(x, y))

@seed('data: batches', 'loss: activation', 'training: learning rate')
def seed_000_by_hand():
    params,model = linear(1, std=1.)
    return dict(dls=(seed_000_items('train'),seed_000_items('test')), model=model, params=params, loss_func=distance,
        lr=1.)

@seed('loss: broadcast', 'metric: broadcast')
def seed_000_by_hand_without_a_column():
    w,b = init_params(784),init_params(1)
    dls = tuple(DataLoader(seed_000_items(o), bs=256, shuffle=True) for o in ('train','test'))
    return dict(dls=dls, model=lambda xb: (xb*w).sum(1) + b, params=[w,b], loss_func=sigmoid_distance, metrics=over_0,
        lr=1.)

@sound
def seed_000_by_hand_mended():
    w,b = init_params(784),init_params(1)
    dls = tuple(DataLoader(seed_000_items(o), bs=256, shuffle=o=='train') for o in ('train','test'))
    return dict(dls=dls, model=lambda xb: (xb*w).sum(1, keepdim=True) + b, params=[w,b], loss_func=sigmoid_distance,
        metrics=batch_accuracy, lr=1.)

@seed('data: batches', 'training: parameters')
def seed_000_learner():
    x,y = load_mnist('train', (3,7))
    dl = DataLoader([(PILImage.create(a.numpy()),(b==3).long()[None]) for a,b in zip(x[:300], y[:300])], bs=64,
        shuffle=True)
    model = simple_net()
    return dict(dls=Learner(dl, model, loss_func=nn.BCEWithLogitsLoss(),
        opt_func=torch.optim.SGD(model.parameters(), lr=0.1),
        metrics=batch_accuracy))

def seed_000_mended(y, **kw):
    return dict(dls=Learner(fast_dls(*two(y, n=2000)), simple_net(), loss_func=nn.BCEWithLogitsLoss(), opt_func=SGD,
        metrics=batch_accuracy, **kw))

@seed('loss: value')
def seed_000_learner_with_whole_numbers(): return seed_000_mended(y=None, lr=0.1)

@seed('training: learning rate')
def seed_000_learner_with_the_default_rate(): return seed_000_mended(y=floats)

@sound
def seed_000_learner_mended(): return seed_000_mended(y=floats, lr=0.1)


@pytest.mark.parametrize('name', SEEDS)
def test_faults_of_the_first_notebooks_are_named(name):
    report = check(name)
    assert SEEDS[name][1] <= {*report.wrong} and not report.crashed, report
    RIGHT['seeds'].add(name)

@pytest.mark.parametrize('name', sound_in(__name__))
def test_nothing_is_said_of_a_mended_one(name): assert_sound(name)
