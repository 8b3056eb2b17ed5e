"What `check_setup` says of losses, of one column, of two and of ten"
from .setups import *
from mnist_course.checkup import questions

# loss: value

@faulty('loss: value')
def whole_numbers_for_bce():
    return one_column(torch_dls(*two())) | dict(loss_func=nn.BCEWithLogitsLoss(), metrics=batch_accuracy)

@faulty('loss: value')
def a_column_of_labels_for_cross_entropy(): return ten_columns(torch_dls(*ten(column)))

@faulty('loss: value')
def flat_labels_for_a_column_of_bce(): return by_hand(two(flat_floats), loss_func=F.binary_cross_entropy_with_logits)

@faulty('loss: value')
def loss_of_each_item():
    return ten_columns(torch_dls(*ten()), loss_func=nn.CrossEntropyLoss(reduction='none'), metrics=accuracy)

@faulty('loss: value')
def loss_without_a_return():
    def loss_func(p, y): loss = F.cross_entropy(p, y)
    return ten_columns(torch_dls(*ten()), loss_func=loss_func, metrics=accuracy, lr=0.1)

@faulty('loss: value', 'loss: activation')
def logarithm_of_raw_scores(): return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: F.nll_loss(p.log(), y))

@faulty('loss: value', 'loss: activation')
def raw_scores_for_bce_of_probabilities(): return one_column(torch_dls(*two(floats))) | dict(loss_func=nn.BCELoss())


# loss: broadcast

@faulty('loss: broadcast')
def flat_labels_meet_a_column(): return by_hand(two(flat), loss_func=sigmoid_distance)

@faulty('loss: broadcast')
def flat_predictions_meet_a_column():
    model = Wrap(lambda self, x: self.net(x).squeeze(1), net=simple_net())
    return dict(dls=torch_dls(*two(floats)), model=model, loss_func=lambda p,y: ((p.sigmoid()-y)**2).mean(), lr=0.5)

@faulty('loss: broadcast')
def mse_broadcasts_with_a_warning():
    return dict(dls=list_dls(*two(flat_floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=nn.MSELoss())

@faulty('loss: broadcast', also=['metric: broadcast'])
def learner_whose_loss_and_metric_broadcast():
    return dict(dls=Learner(fast_dls(*two(flat)), simple_net(), sigmoid_distance, opt_func=SGD, lr=0.5,
        metrics=over_0))


# loss: direction

@faulty('loss: direction')
def mnist_loss_with_its_branches_swapped():
    return by_hand(two(), loss_func=lambda p,y: torch.where(y==1, p.sigmoid(), 1-p.sigmoid()).mean(),
        metrics=batch_accuracy)

@faulty('loss: direction')
def log_likelihood_without_a_minus():
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: right_column(p.log_softmax(1), y).mean(),
        metrics=accuracy)

@faulty('loss: direction')
def probability_of_the_other_column():
    return ten_columns(fast_dls(*two(flat)), net(n_out=2), lambda p,y: F.cross_entropy(p, 1-y), metrics=accuracy)

@faulty('loss: direction', 'loss: gradient')
def loss_that_agrees_with_whatever_is_predicted():
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: F.cross_entropy(p, p.argmax(1)))


@faulty('loss: direction')
def only_the_term_of_label_1():
    return one_column(fast_dls(*two())) | dict(loss_func=lambda p,y: -(y*F.logsigmoid(p)).mean())

@faulty('loss: direction')
def label_0_ignored(): return ten_columns(torch_dls(*ten()), loss_func=nn.CrossEntropyLoss(ignore_index=0))


# loss: gradient

@faulty('loss: gradient')
def accuracy_as_a_loss(): return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: 1-hit(p, y), metrics=hit)

@faulty('loss: gradient')
def loss_of_an_item():
    return ten_columns(fast_dls(*ten()), loss_func=lambda p,y: F.cross_entropy(p, y).item(), metrics=accuracy)

@faulty('loss: gradient')
def loss_made_a_leaf():
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: tensor(F.cross_entropy(p, y).item(),
        requires_grad=True), lr=0.1)

@faulty('loss: gradient')
def loss_of_rounded_probabilities():
    return by_hand(two(), loss_func=lambda p,y: (p.sigmoid().round()-y).abs().mean(), metrics=batch_accuracy)

@faulty('loss: gradient')
def loss_in_numpy():
    def loss_func(p, y):
        p = 1/(1+np.exp(-p.detach().numpy()))
        return tensor(np.where(y.numpy()==1, 1-p, p).mean())
    return one_column(list_dls(*two())) | dict(loss_func=loss_func)

# loss: activation

@faulty('loss: activation')
def raw_scores_from_1(): return by_hand(two(), loss_func=distance, metrics=batch_accuracy)

@faulty('loss: activation')
def raw_scores_for_nll_loss(): return ten_columns(torch_dls(*ten()), loss_func=nn.NLLLoss(), metrics=accuracy)

@faulty('loss: activation')
def softmax_before_cross_entropy():
    return ten_columns(torch_dls(*ten()), net(nn.Softmax(1)), nn.CrossEntropyLoss(), metrics=accuracy)

@faulty('loss: activation')
def sigmoid_before_bce_with_logits():
    return dict(dls=torch_dls(*two(floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=nn.BCEWithLogitsLoss(),
        metrics=over_half)

@faulty('loss: activation')
def sigmoid_in_the_function_and_in_the_loss():
    params,model = linear()
    return dict(dls=list_dls(*two()), model=lambda xb: model(xb).sigmoid(), params=params, loss_func=sigmoid_distance)


# loss: finite

@faulty('loss: finite')
def logarithm_of_softmax():
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: -right_column(p.softmax(1), y).log().mean(),
        metrics=accuracy)

@faulty('loss: finite')
def logarithm_of_sigmoid():
    def loss_func(p, y): return -torch.where(y==1, p.sigmoid().log(), (1-p.sigmoid()).log()).mean()
    return by_hand(two(), loss_func=loss_func, metrics=batch_accuracy)

@faulty('loss: finite')
def cross_entropy_of_the_models_sigmoid():
    return dict(dls=torch_dls(*two(floats)), model=net(nn.Sigmoid(), n_out=1),
        loss_func=lambda p,y: -(y*p.log()+(1-y)*(1-p).log()).mean(),
        metrics=over_half)


# loss: mean

@faulty('loss: mean')
def sum_of_cross_entropies():
    return ten_columns(torch_dls(*ten()), loss_func=nn.CrossEntropyLoss(reduction='sum'), metrics=accuracy)

@faulty('loss: mean')
def mean_times_the_batch_size():
    return ten_columns(fast_dls(*ten()), loss_func=lambda p,y: F.cross_entropy(p, y)*len(y), metrics=accuracy,
        lr=0.001)

# loss: start

@faulty('loss: start')
def ten_columns_of_wide_weights(): return by_hand(ten(), 10, std=1., loss_func=cross_entropy, metrics=accuracy)

@faulty('loss: start')
def one_column_of_wide_weights():
    return by_hand(two(floats), std=1., loss_func=F.binary_cross_entropy_with_logits, metrics=batch_accuracy)

@faulty('loss: start')
def net_of_wide_weights(): return ten_columns(torch_dls(*ten()), normal(net()), metrics=accuracy)


# Sound: one column

@sound
def chapter_3(): return by_hand(two(), std=1., loss_func=mnist_loss, metrics=batch_accuracy, lr=1., dls=get_dls)

@sound
def chapter_4():
    return dict(dls=get_dls(*two()), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy,
        opt_func=BasicOptim, lr=1.)

@sound
def chapter_5():
    return dict(dls=BasicLearner(fast_dls(*two(n=2000)), simple_net(), mnist_loss, lr=0.1, metrics=batch_accuracy))

@sound
def chapter_5_with_fastai():
    return dict(dls=Learner(fast_dls(*two(n=2000)), simple_net(), mnist_loss, opt_func=SGD, lr=0.1,
        metrics=batch_accuracy))

@sound
def readme(): return dict(dls=BasicLearner(get_dls(*two()), simple_net(), mnist_loss, lr=1., metrics=batch_accuracy))

@sound
def nothing_but_data_model_and_loss(): return one_column(torch_dls(*two()))

@sound
def lambda_over_global_weights():
    w,b = init_params((784,1), 0.01),init_params(1, 0.01)
    return dict(dls=list_dls(*two()), model=lambda xb: xb@w + b, loss_func=sigmoid_distance, metrics=batch_accuracy,
        lr=1.)

@sound
def bce_with_logits():
    return dict(dls=torch_dls(*two(floats)), model=nn.Linear(784, 1), loss_func=nn.BCEWithLogitsLoss(),
        metrics=batch_accuracy, lr=0.1)

@sound
def bce_after_sigmoid():
    return dict(dls=torch_dls(*two(floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=nn.BCELoss(),
        metrics=over_half, lr=0.5)

@sound
def bce_of_flat_predictions():
    model = Wrap(lambda self, x: self.net(x).squeeze(1), net=simple_net())
    return dict(dls=torch_dls(*two(flat_floats)), model=model, loss_func=F.binary_cross_entropy_with_logits,
        metrics=batch_accuracy, lr=0.2)

@sound
def bce_by_softplus():
    return by_hand(two(), loss_func=lambda p,y: (F.softplus(p)-p*y).mean(),
        metrics=lambda p,y: ((p>0)==y).float().mean().item(), lr=0.2)

@sound
def bce_with_clamped_probabilities():
    def loss_func(p, y):
        p = p.sigmoid().clamp(1e-6, 1-1e-6)
        return -(y*p.log()+(1-y)*(1-p).log()).mean()
    return by_hand(two(floats), loss_func=loss_func, metrics=batch_accuracy, lr=0.1)

@sound
def flat_labels_that_the_loss_unsqueezes():
    return dict(dls=fast_dls(*two(flat)), model=simple_net(), loss_func=lambda p,y: mnist_loss(p, y.unsqueeze(1)),
        metrics=lambda p,y: ((p.squeeze(1)>0)==y).float().mean())

@sound
def mse_of_a_sigmoid():
    params,model = linear()
    return dict(dls=list_dls(*two(floats)), model=lambda xb: model(xb).sigmoid(), params=params,
        loss_func=nn.MSELoss(),
        metrics=over_half, lr=0.5)

@sound
def l1_of_a_sigmoid():
    return dict(dls=fast_dls(*two(floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=F.l1_loss,
        metrics=lambda p,y: (p.round()==y).float().mean(), lr=0.5)

@sound
def labels_of_bool(): return by_hand(two(lambda y: y.bool()), loss_func=sigmoid_distance, metrics=over_0, lr=1.)

@sound
def labels_of_bytes():
    return by_hand(two(lambda y: y.byte()), loss_func=sigmoid_distance, metrics=batch_accuracy, lr=1., dls=torch_dls)

@sound
def accuracy_multi_of_scores():
    return dict(dls=torch_dls(*two(floats)), model=simple_net(), loss_func=nn.BCEWithLogitsLoss(),
        metrics=accuracy_multi, lr=0.1)

@sound
def few_of_one_class():
    return dict(dls=torch_dls(*rare(two(floats, n=2000))), model=simple_net(), loss_func=nn.BCEWithLogitsLoss(),
        metrics=batch_accuracy, lr=0.2)

@sound
def few_of_one_class_weighted():
    return dict(dls=fast_dls(*rare(two(floats, n=2000))), model=simple_net(),
        loss_func=nn.BCEWithLogitsLoss(pos_weight=tensor(4.)),
        metrics=batch_accuracy, lr=0.1)

@sound
def moons_with_a_small_net():
    return dict(dls=torch_dls(*toy(moons)), model=net(n_in=2, n_out=1), loss_func=mnist_loss, metrics=batch_accuracy,
        opt_func=torch.optim.Adam, lr=0.01)

@sound
def xor_with_noise():
    return dict(dls=torch_dls(*toy(xor)), model=net(n_in=2, n_out=1), loss_func=nn.BCEWithLogitsLoss(),
        metrics=batch_accuracy,
        opt_func=torch.optim.Adam, lr=0.01)

@sound
def xor_of_four_points():
    return dict(dls=list_dls(*toy(xor, noise=0.)), model=net(nn.Sigmoid(), n_in=2, n_out=1), loss_func=nn.BCELoss(),
        metrics=over_half, lr=0.5)


# Sound: two columns

@sound
def probability_of_the_wrong_column():
    return ten_columns(torch_dls(*two(flat)), nn.Linear(784, 2), lambda p,y: 1-right_column(p.softmax(1), y).mean(),
        metrics=second_column, lr=0.5)

@sound
def one_hot_and_soft_targets():
    return ten_columns(torch_dls(*two(lambda y: onehot2(y).float())), net(n_out=2), nn.CrossEntropyLoss(),
        metrics=one_hot_hit, lr=0.2)

@sound
def mse_of_a_softmax():
    def loss_func(p, y): return F.mse_loss(p, onehot2(y).float())
    return ten_columns(list_dls(*two(flat)), net(nn.Softmax(1), n_out=2), loss_func, metrics=hit, lr=0.5)

@sound
def focal_loss():
    def loss_func(p, y):
        log_p = right_column(p.log_softmax(1), y)
        return -((1-log_p.exp())**2*log_p).mean()
    return ten_columns(torch_dls(*two(flat)), net(n_out=2), loss_func, metrics=hit, lr=0.5)

@sound
def second_score_greater():
    return by_hand(two(flat), 2, loss_func=F.cross_entropy, metrics=lambda p,y: ((p[:,1]>p[:,0])==y).float().mean(),
        lr=0.1, dls=torch_dls)

@sound
def bce_of_two_columns():
    return ten_columns(torch_dls(*two(lambda y: onehot2(y).float())), nn.Linear(784, 2), nn.BCEWithLogitsLoss(),
        metrics=one_hot_hit, lr=0.2)

@sound
def column_of_labels_that_fastai_flattens():
    return dict(dls=Learner(fast_dls(*two()), net(n_out=2), CrossEntropyLossFlat(), opt_func=SGD, lr=0.1,
        metrics=[fastai_accuracy,error_rate]))

@sound
def spiral_with_two_hidden_layers():
    model = nn.Sequential(nn.Linear(2, 50), nn.ReLU(), nn.Linear(50, 50), nn.ReLU(), nn.Linear(50, 2))
    return ten_columns(torch_dls(*toy(spiral, n=1000)), model, metrics=accuracy, opt_func=torch.optim.Adam, lr=0.01)


# Sound: ten columns

@sound
def chapter_7_by_hand():
    return by_hand(ten(n=2000), 10, loss_func=cross_entropy, metrics=accuracy, lr=0.5, dls=get_dls)

@sound
def chapter_7_with_fastai():
    return dict(dls=Learner(fast_dls(*ten()), simple_net(30, 10), cross_entropy, metrics=accuracy))

@sound
def label_smoothing():
    return ten_columns(torch_dls(*ten()), loss_func=nn.CrossEntropyLoss(label_smoothing=0.1), metrics=accuracy,
        lr=0.2)

@sound
def class_weights():
    return ten_columns(torch_dls(*ten()), loss_func=nn.CrossEntropyLoss(weight=torch.linspace(0.5, 2, 10)),
        metrics=accuracy, lr=0.2)

@sound
def nll_after_log_softmax():
    return ten_columns(fast_dls(*ten()), net(nn.LogSoftmax(1)), nn.NLLLoss(), metrics=accuracy, lr=0.2)

@sound
def cross_entropy_after_log_softmax():
    return ten_columns(torch_dls(*ten()), net(nn.LogSoftmax(1)), F.cross_entropy, metrics=accuracy,
        lr=0.2) # the second changes nothing

@sound
def logarithm_of_softmax_plus_a_little():
    return ten_columns(list_dls(*ten()), net(nn.Softmax(1)), lambda p,y: F.nll_loss((p+1e-6).log(), y), metrics=hit,
        lr=0.1)

@sound
def column_of_labels_squeezed():
    return ten_columns(torch_dls(*ten(column)), loss_func=lambda p,y: F.cross_entropy(p, y.squeeze(1)),
        metrics=lambda p,y: (p.argmax(1, keepdim=True)==y).float().mean(), lr=0.1)

@sound
def fastai_focal_loss():
    return dict(dls=Learner(fast_dls(*ten()), net(), FocalLossFlat(), lr=0.003, metrics=fastai_accuracy))

@sound
def several_metrics():
    def right(p, y): return (p.argmax(dim=-1)==y).sum().item()/len(y)
    def wrong(p, y): return 1-hit(p, y)
    right.__name__,wrong.__name__ = 'accuracy','error'
    return ten_columns(fast_dls(*ten()), metrics=[fastai_accuracy,error_rate,right,wrong], lr=0.1)

@sound
def loss_among_the_metrics():
    return dict(dls=BasicLearner(fast_dls(*ten()), net(), cross_entropy, lr=0.1, metrics=[accuracy,cross_entropy]))

@sound
def metric_in_numpy():
    return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.detach().numpy().argmax(1)==y.numpy()).mean(),
        lr=0.1)

@sound
def conv_net_with_batch_norm():
    return dict(dls=Learner(fast_dls(*ten(x=images, n=600)), conv_net(norm=True), CrossEntropyLossFlat(),
        metrics=fastai_accuracy, lr=0.005))

@sound
def batch_norm_first_on_grey_levels():
    model = nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 8, 5, stride=3), nn.ReLU(), nn.Flatten(),
        nn.Linear(512, 10))
    return ten_columns(torch_dls(*ten(x=lambda x: images(x)*255, n=600)), model, metrics=accuracy, lr=0.05)

@sound
def bytes_that_the_model_scales():
    return ten_columns(torch_dls(*ten(x=lambda x: grey(x).byte())),
        Wrap(lambda self, x: self.net(x.float()/255), net=net()),
        metrics=accuracy, lr=0.1)

@sound
def grey_levels_that_the_function_scales():
    params,model = linear(10)
    return dict(dls=fast_dls(*ten(x=grey)), model=lambda xb: model(xb/255), params=params, loss_func=F.cross_entropy,
        metrics=hit, lr=0.2)

@sound
def dropout():
    return ten_columns(torch_dls(*ten()), nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(100, 10)),
        metrics=accuracy, lr=0.2)

@sound
def batch_norm_and_dropout():
    model = nn.Sequential(nn.Linear(784, 50), nn.BatchNorm1d(50), nn.ReLU(), nn.Dropout(0.25), nn.Linear(50, 10))
    return dict(dls=Learner(DataLoaders(*torch_dls(*ten(), drop_last=True)), model, nn.CrossEntropyLoss(), lr=0.01,
        metrics=accuracy))

@sound
def layer_norm_and_gelu():
    model = nn.Sequential(nn.LayerNorm(784), nn.Linear(784, 30), nn.GELU(), nn.Linear(30, 10))
    return ten_columns(list_dls(*ten()), model, metrics=accuracy,
        opt_func=partial(torch.optim.AdamW, weight_decay=0.1), lr=0.003)

@sound
def last_layer_of_noughts():
    model = net()
    for p in model[-1].parameters(): nn.init.zeros_(p)
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy, lr=0.5)

@sound
def linear_model_of_noughts():
    w,b = (torch.zeros(o, requires_grad=True) for o in ((784,10),10))
    return dict(dls=fast_dls(*ten()), model=lambda xb: xb@w + b, params=[w,b], loss_func=cross_entropy,
        metrics=accuracy, lr=0.2)

@sound
def frozen_body():
    model = net(nh=100)
    model[0].requires_grad_(False)
    return ten_columns(torch_dls(*ten()), model, params=[p for p in model.parameters() if p.requires_grad],
        metrics=accuracy,
        opt_func=torch.optim.Adam, lr=0.02)

@sound
def frozen_body_in_a_learner():
    model = net(nh=100)
    model[0].requires_grad_(False)
    return dict(dls=Learner(fast_dls(*ten()), model, F.cross_entropy, lr=0.02, metrics=accuracy))

@sound
def tied_weights():
    model = Wrap(lambda self, x: self.head(F.linear(self.mix(self.mix(self.first(x)).relu()).relu(),
        self.mix.weight.t())),
        first=nn.Linear(784, 30), mix=nn.Linear(30, 30), head=nn.Linear(30, 10))
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy, opt_func=torch.optim.Adam, lr=0.003)

@sound
def rows_of_pixels_in_a_gru():
    model = Wrap(lambda self, x: self.head(self.rnn(x.view(-1, 28, 28))[0][:,-1]),
        rnn=nn.GRU(28, 24, batch_first=True), head=nn.Linear(24, 10))
    return ten_columns(torch_dls(*ten(n=600)), model, metrics=accuracy, opt_func=torch.optim.Adam, lr=0.02)

@sound
def parameters_of_one_s_own():
    model = Wrap(lambda self, x: linear1(linear1(x, self.w1, self.b1).tanh(), self.w2, self.b2),
        **{k: nn.Parameter(torch.randn(o)*0.05)
        for k,o in dict(w1=(784,30), b1=30, w2=(30,10), b2=10).items()})
    return ten_columns(fast_dls(*ten()), model, metrics=accuracy, lr=0.2)


# loss: what was missing or named wrongly

@faulty('loss: activation', says=r'log_softmax goes down the batch')
def log_softmax_of_the_model_down_the_batch():
    return ten_columns(torch_dls(*ten()), net(nn.LogSoftmax(dim=0)), F.nll_loss, metrics=accuracy, lr=0.1)

@faulty('loss: activation', says='softmax goes down the batch')
def softmax_of_the_model_down_the_batch():
    def loss_func(p, y): return -right_column(p, y).clamp(min=1e-6).log().mean()
    return ten_columns(list_dls(*ten()), net(nn.Softmax(0)), loss_func, metrics=accuracy)

@faulty('loss: direction', says='goes down the columns')
def softmax_down_the_columns():
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: F.nll_loss(p.log_softmax(0), y), metrics=accuracy,
        lr=0.1)

@faulty('loss: direction', says='goes down the columns')
def probabilities_down_the_columns():
    return ten_columns(fast_dls(*two(flat)), net(n_out=2), lambda p,y: 1-right_column(p.softmax(dim=0), y).mean())

@faulty('loss: direction', says='This loss is for one column')
def distance_of_ten_columns():
    return ten_columns(torch_dls(*ten(onehot10)), loss_func=sigmoid_distance, metrics=one_hot_hit, lr=0.5)

@faulty('loss: direction', says='This loss is for one column')
def distance_after_the_models_sigmoid():
    return ten_columns(torch_dls(*ten(onehot10)), net(nn.Sigmoid()), F.l1_loss, metrics=one_hot_hit)

@faulty('loss: direction', says="can't be told apart")
def ten_labels_asked_whether_they_are_1():
    def right(p, y): return (p.argmax(1)==y[:,0]).float().mean()
    return ten_columns(torch_dls(*ten(column)), loss_func=sigmoid_distance, metrics=right)

@faulty('loss: direction', says='sign is wrong')
def in_place_and_without_a_minus():
    def loss_func(p, y):
        p -= p.max(dim=1, keepdim=True).values.detach()
        p -= p.exp().sum(dim=1, keepdim=True).log()
        return right_column(p, y).mean()
    return ten_columns(torch_dls(*ten()), loss_func=loss_func, metrics=accuracy, lr=0.1)

@faulty('loss: gradient', says="isn't the slope")
def half_of_the_loss_detached():
    def loss_func(p, y): return (p.logsumexp(1).detach()-right_column(p, y)).mean()
    return ten_columns(torch_dls(*ten()), loss_func=loss_func, metrics=accuracy)

@faulty('loss: value', says='remembers')
def average_loss_of_all_batches_so_far():
    seen = []
    def loss_func(p, y):
        seen.append(F.cross_entropy(p, y))
        return torch.stack([*(o.detach() for o in seen[:-1]),seen[-1]]).mean()
    return ten_columns(torch_dls(*ten()), loss_func=loss_func)

@faulty('loss: activation', says='softmax is applied twice')
def softmax_of_a_softmax():
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: F.cross_entropy(p.softmax(1), y), metrics=accuracy)

@faulty('loss: activation', says='softmax is missing')
def probability_of_the_label_without_softmax():
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: 1-right_column(p, y).mean(), metrics=accuracy)

@faulty('loss: finite', says='is infinite')
def exponentials_over_their_sum():
    def loss_func(p, y): return (p.exp().sum(1).log()-right_column(p, y)).mean()
    return ten_columns(list_dls(*ten()), loss_func=loss_func, lr=0.1)

def reason(f, preds, y):
    "Why a loss isn't finite, by `check_setup`: an exponential, a probability of 0, both, or neither"
    text = questions.finite(f, preds, y)
    return text and ('exp(1000)' in text, 'underflows' in text)

def test_the_reason_why_a_loss_is_not_finite_is_found():
    p,y = torch.randn(20, 10),torch.randint(10, (20,))
    def exps(p): return p.exp()/p.exp().sum(1, keepdim=True)
    assert reason(lambda p,y: right_column(exps(p).log(), y).mean(), p, y)==(True,False)
    assert reason(lambda p,y: ((exps(p)-onehot10(y))**2).mean(), p, y)==(True,False)
    assert reason(lambda p,y: right_column(p.softmax(1).log(), y).mean(), p, y)==(False,True)
    assert reason(lambda p,y: (onehot10(y)*p.softmax(1).log()).sum(1).mean(), p, y)==(False,True)
    assert reason(lambda p,y: ((p.softmax(1)-onehot10(y))**2).sum(1).sqrt().mean(), p, y)==(False,False)
    assert reason(F.cross_entropy, p, y) is None

def test_the_reason_is_found_for_one_column():
    p,y = torch.randn(20, 1),torch.randint(2, (20,1)).float()
    assert reason(lambda p,y: ((1/(1+(-p).exp())-y)**2).mean(), p, y)==(True,False)
    assert reason(lambda p,y: -torch.where(y==1, p.sigmoid(), 1-p.sigmoid()).log().mean(), p, y)==(False,True)
    assert reason(lambda p,y: (1+(-(2*y-1)*p).exp()).log().mean(), p, y)==(True,True) # so much shows, and no more
    assert reason(F.binary_cross_entropy_with_logits, p, y) is None

@faulty('loss: direction', says='with its sign')
def raw_differences_without_squares():
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: (p-onehot10(y)).mean(), metrics=accuracy)

@faulty('loss: direction', says=r'whatever the labels are\.$')
def minus_the_first_probability():
    return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: -p.softmax(1)[:,0].mean(), metrics=accuracy)

@faulty('loss: mean', says='a mean over the items gives the same')
def mean_by_one_item_more():
    def loss_func(p, y): return F.cross_entropy(p, y, reduction='sum')/(len(y)+1)
    return ten_columns(torch_dls(*ten()), loss_func=loss_func, metrics=accuracy)

@faulty('loss: mean', says='sum')
def sum_of_squares(): return ten_columns(torch_dls(*ten()), loss_func=lambda p,y: ((p-onehot10(y))**2).sum(), lr=1e-4)


@pytest.mark.parametrize('name', faulty_in(__name__))
def test_fault_is_named_and_no_other(name): assert_named(name)

@pytest.mark.parametrize('name', sound_in(__name__))
def test_nothing_is_said_of_a_sound_setup(name): assert_sound(name)
