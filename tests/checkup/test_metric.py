"What `check_setup` says of metrics"
from .setups import *

# metric: value

@faulty('metric: value')
def hits_of_each_item(): return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.argmax(1)==y).float())

@faulty('metric: value')
def number_of_hits(): return ten_columns(list_dls(*ten()), metrics=lambda p,y: (p.argmax(1)==y).sum(), lr=0.1)

@faulty('metric: value')
def accuracy_in_percent(): return one_column(fast_dls(*two()), metrics=lambda p,y: 100*batch_accuracy(p, y))

@faulty('metric: value')
def mean_of_booleans(): return ten_columns(torch_dls(*ten()), metrics=[accuracy,lambda p,y: (p.argmax(1)==y).mean()])

@faulty('metric: value')
def metric_that_refuses_flat_labels():
    return dict(dls=torch_dls(*two(flat_floats)), model=simple_net(),
        loss_func=lambda p,y: F.binary_cross_entropy_with_logits(p[:,0], y),
        metrics=batch_accuracy)


# metric: broadcast

@faulty('metric: broadcast')
def thresholds_meet_flat_labels():
    return dict(dls=list_dls(*two(flat)), model=simple_net(), loss_func=lambda p,y: mnist_loss(p, y[:,None]),
        metrics=lambda p,y: ((p.sigmoid()>0.5)==y).float().mean())

@faulty('metric: broadcast')
def flat_thresholds_meet_a_column():
    def right(p, y): return ((p>0).squeeze()==y).float().mean()
    return dict(dls=Learner(fast_dls(*two(floats)), simple_net(), nn.BCEWithLogitsLoss(), metrics=right))

@faulty('metric: broadcast')
def argmax_meets_a_column_in_numpy():
    def right(p, y): return (p.detach().numpy().argmax(1)==y.numpy()).mean()
    return ten_columns(fast_dls(*two()), net(n_out=2), CrossEntropyLossFlat(), metrics=[fastai_accuracy,right])

@faulty('metric: broadcast')
def two_metrics_that_broadcast():
    def right(p, y): return (p.argmax(1)==y).double().mean().item()
    return ten_columns(torch_dls(*ten(column)), loss_func=CrossEntropyLossFlat(), metrics=[hit,right])


# metric: column

@faulty('metric: column')
def probability_of_the_first_column(): return ten_columns(torch_dls(*two(flat)), net(n_out=2), metrics=first_column)

@faulty('metric: column')
def smallest_score(): return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.argmin(1)==y).float().mean())

@faulty('metric: column')
def scores_below_0(): return one_column(fast_dls(*two()), metrics=lambda p,y: ((p<0)==y).float().mean())

@faulty('metric: column')
def accuracy_that_counts_the_misses():
    def accuracy(p, y): return ((p>0.5)!=y).float().mean()
    return dict(dls=torch_dls(*two(floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=F.binary_cross_entropy,
        metrics=accuracy)


# metric: threshold

@faulty('metric: threshold')
def scores_that_equal_labels(): return one_column(torch_dls(*two()), metrics=lambda p,y: (p==y).float().mean())

@faulty('metric: threshold')
def half_as_threshold_of_raw_scores(): return by_hand(two(), loss_func=mnist_loss, metrics=over_half)

@faulty('metric: threshold')
def nought_as_threshold_of_probabilities():
    return dict(dls=torch_dls(*two(floats)), model=net(nn.Sigmoid(), n_out=1), loss_func=nn.BCELoss(),
        metrics=batch_accuracy)

@faulty('metric: threshold')
def sigmoid_before_half_of_probabilities():
    return dict(dls=Learner(fast_dls(*two(floats)), net(nn.Sigmoid(), n_out=1), nn.BCELoss(), metrics=accuracy_multi))

@faulty('metric: threshold')
def fastai_accuracy_of_one_column():
    return dict(dls=Learner(fast_dls(*two()), simple_net(), BCEWithLogitsLossFlat(), metrics=fastai_accuracy))

@faulty('metric: threshold')
def rounded_before_the_argmax():
    return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.softmax(1).round().argmax(1)==y).float().mean())

@faulty('metric: threshold')
def whole_scores_before_the_argmax():
    return ten_columns(list_dls(*ten()), metrics=lambda p,y: (p.int().argmax(1)==y).float().mean())

@faulty('metric: threshold')
def argmax_of_the_whole_batch():
    return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.argmax()==y).float().mean())

@faulty('metric: threshold', 'metric: value')
def argmax_along_the_batch():
    return ten_columns(fast_dls(*ten()), metrics=lambda p,y: (p.argmax(0)==y).float().mean())


# metric: count

@faulty('metric: count')
def hits_over_a_batch_size_of_another_loader():
    return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.argmax(1)==y).sum()/256)

@faulty('metric: count')
def hits_of_one_class_only(): return one_column(fast_dls(*two()), metrics=lambda p,y: ((p>0)&(y==1)).float().mean())

@faulty('metric: count')
def hits_within_one_digit():
    return ten_columns(list_dls(*ten()), metrics=[accuracy,lambda p,y: ((p.argmax(1)-y).abs()<2).float().mean()])

@faulty('metric: count')
def hits_of_the_first_four_items():
    return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.argmax(1)==y)[:4].float().mean())


# metric: memory, and what is done in place

class Meter:
    "Share of right answers so far"
    def __init__(self): self.hits = self.seen = 0
    def __call__(self, preds, targs):
        self.hits += (preds.argmax(1)==targs).sum().item()
        self.seen += len(targs)
        return self.hits/self.seen

@faulty('metric: value', says='remembers')
def meter_that_is_never_reset(): return ten_columns(torch_dls(*ten()), metrics=Meter())

@faulty('metric: value', says='remembers')
def best_accuracy_so_far():
    best = [0.]
    def accuracy(p, y):
        best[0] = max(best[0], hit(p, y).item())
        return best[0]
    return ten_columns(fast_dls(*ten()), metrics=accuracy)

@faulty('metric: threshold', says='halfway between the labels')
def nought_for_least_squares():
    return dict(dls=torch_dls(*two(floats)), model=simple_net(), loss_func=F.mse_loss, metrics=batch_accuracy, lr=0.1)

@faulty('metric: count', says='fixed number')
def hits_over_a_fixed_number(): return ten_columns(list_dls(*ten()), metrics=lambda p,y: (p.argmax(1)==y).sum()/64)

@faulty('metric: column', says='smallest score')
def least_column_of_raw_scores():
    return ten_columns(torch_dls(*ten()), metrics=lambda p,y: ((-p).max(1).indices==y).float().mean())

@faulty('metric: column', says='label 1, the answer 0')
def digits_counted_from_1():
    return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.max(1).indices==y-1).float().mean())

@faulty('metric: column', says='wrong column')
def column_before_the_right_one():
    return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.argmax(1)==(y+1)%10).float().mean())

@sound
def scores_made_signs_in_place():
    def right(p, y):
        p[p<0],p[p>=0] = -1.,1.
        return (p==2*y-1).float().mean()
    return one_column(fast_dls(*two()), metrics=right)

@sound
def accuracy_rounded_to_four_places():
    return ten_columns(torch_dls(*ten()), metrics=lambda p,y: round((p.argmax(1)==y).float().mean().item(), 4))

@sound
def meter_that_starts_anew():
    def right(p, y):
        meter = Meter()
        return meter(p, y)
    return ten_columns(torch_dls(*ten()), metrics=right)

@sound
def share_counted_in_a_loop():
    return ten_columns(list_dls(*ten()), metrics=lambda p,y: sum(int(a.argmax())==int(b) for a,b in zip(p, y))/len(y))

@sound
def topmost_of_sorted_scores():
    return ten_columns(torch_dls(*ten()), metrics=lambda p,y: (p.topk(1).indices[:,0]==y).float().mean().numpy())


@pytest.mark.parametrize('name', faulty_in(__name__))
def test_fault_is_named_and_no_other(name): assert_named(name)

@pytest.mark.parametrize('name', sound_in(__name__))
def test_nothing_is_said_of_a_sound_setup(name): assert_sound(name)
