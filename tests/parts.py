"""Parts of answers as learners write them, right and wrong, and the words that belong to each fault

An answer is a style's text with one part in each of its slots. `slot(…, fault=…)` has the right parts first, then
the wrong ones by the name of their fault. Written by somebody who had not seen the checks: see test_products.py."""
import re
from dataclasses import dataclass,field

@dataclass
class Slot:
    right: tuple
    wrong: dict

@dataclass
class Exercise:
    name: str     # of the function that the learner writes
    probe: str    # of the function of test_products.py that asks for results
    styles: list  # pairs of a text with `$slot`s and a dict of slots
    faults: set = field(init=False)
    def __post_init__(self): self.faults = {o for _,slots in self.styles for s in slots.values() for o in s.wrong}

def slot(*right, **wrong): return Slot(right, {k: (v,) if isinstance(v, str) else tuple(v) for k,v in wrong.items()})

def without(fault, styles):
    "`styles` where it is not asked for that this fault be avoided"
    def sound(s): return Slot(s.right, {k: v for k,v in s.wrong.items() if k!=fault})
    return [(text, {k: sound(s) for k,s in slots.items()}) for text,slots in styles]

# For each fault: words of which a sentence that names it must have one, and words that are false where it is absent.
FAULTS = dict(
    # means
    sum=(r'\bsums?\b|\bmeans?\b|adds? up|added up|average', r'\bsum\b.{0,60}\bmean\b|isn.t a mean|never divided'),
    fixed_size=(r'\b64\b|\b256\b|fixed|constant|always|batch size|divid\w* by|number of (item|image|label|score|row)s',
        r'fixed number|a constant|always by|by 64|by 256|batch size'),
    divided_twice=(r'twice|again|once more|second time', r'divid\w* twice|divid\w* .{0,30}again'),
    all_cells=(r'zeros?\b|class|column|cells|entries|all (the )?(numbers|places)',
        r'all (the )?cells|by .{0,30}(columns|classes)|zeros? .{0,40}count'),
    # one column of scores
    no_sigmoid=(r'sigmoid|squeez|raw', r'(no|without|lacks|forgot\w*).{0,12}sigmoid|sigmoid is missing|not squeezed'),
    sigmoid_twice=(r'twice|second|again|two sigmoids|already|inside',
        r'sigmoid.{0,50}(twice|second time)|twice.{0,40}sigmoid'),
    own_sigmoid=(r'overflow|\binf|\bnan\b|large|far from 0', r'overflow|inf\b|infinit|nan\b'),
    softmax_batch=(r'softmax', r'softmax'),
    tanh=(r'tanh|-1|−1', r'tanh'),
    hard=(r'round|threshold|0\.5|gradient|decid|step|hard|answers', r'round(s|ed|ing)\b|threshold'),
    flipped=(r'swap|exchang|revers|invert|flip|mix|other way|wrong way|turned|upside|opposite|confus|for the [37]s|'
        r'label [01]|sign|from (0|1)', r'swapp|exchang|revers|invert|flipp|other way|wrong way|upside'),
    squared=(r'squar', r'squar'),
    signed=(r'\bsign|absolute|cancel|abs\b|negative|below 0|distance', r'signed|absolute value|cancel'),
    logged=(r'\blog|cross-entropy|entropy', r'\blog(arithm)?s?\b|cross-entropy'),
    one_label=(r'\b[37]s\b|label [01]|only (one|half)|other (case|half|label)|one of the two',
        r'only (the )?[37]s|only one (of the|label)|[37]s cost nothing'),
    broadcast=(r'broadcast|with (all|every|each)|all pairs|shape|\(n, ?n\)|column|another.s label',
        r'broadcast|all with all|each with (all|every)|\(n, ?n\)'),
    # ten columns
    no_minus=(r'minus|sign\b|negative|-1',
        r'(minus|sign) .{0,20}(missing|lacking|forgotten)|(no|without|lacks).{0,8} minus'),
    all_rows=(r'(all|every|each|whole)\b.{0,60}(row|column|label|image|class|number|pair)|colon|\(n, ?n\)|broadcast',
        r'colon|\[:|\(n, ?n\)'),
    largest=(r'largest|max|labels?\b',
        r'(ignor|without|never look|doesn.t look|no).{0,30} labels?\b|the largest (log|prob)'),
    no_pick=(r'\ball\b|every|whole|pick|labels?\b',
        r'(ignor|without|never look|doesn.t look).{0,30} labels?\b|all (the )?columns'),
    next_column=(r'shift|off by|next|neighbour|one (place|off|less|more|to the)|-1|from 1|wrong column',
        r'off by one|neighbour|next to|from 1'),
    first_row=(r'first|row 0|one row|single', r'first row|row 0'),
    probs=(r'\bexp|\blog|probabilit',
        r'exponential|exp\(|probabilities (them|inst)|log(arithm)?.{0,30}missing|no log'),
    log_of_softmax=(r'\binf|\bnan\b|underflow|too small|log\w*\W.{0,30}\b0\b|far apart|-200|detour',
        r'underflow|log(arithm)? of (a )?(0|zero|softmax)'),
    epsilon=(r'eps|1e-|small number|tiny|added|adds|clamp|log\(0', r'\beps|small number|clamp|1e-'),
    dim_0=(r'column|batch|dim|axis|over the images|down\b',
        r'dim=?\s?0|down the column|down each col|along the batch|over the images|wrong (axis|dim)'),
    no_softmax=(r'softmax|raw|normali[sz]', r'(no|without|lacks).{0,6} softmax|softmax is missing|raw scores'),
    no_log=(r'\blog', r'(no|without|lacks|forgot\w*).{0,8}\blog|log(arithm)? is missing|probabilities (them|inst)'),
    softmax_twice=(r'twice|second|again|two softmax|already',
        r'softmax.{0,50}twice|twice.{0,40}softmax|softmax of a softmax'),
    naive_exp=(r'overflow|\binf|\bnan\b|large|too big', r'overflow'),
    batch_max=(r'whole batch|batch|all (the )?(rows|scores)|each row|row.s own|one number for all',
        r'(largest|max).{0,40}(whole|of the) batch|over all rows'),
    not_brought_back=(r'back|largest|max|shift|taken away|subtract',
        r'(bring|brought|put|add\w*).{0,30} back|never .{0,20}back'),
    sigmoid_for_softmax=(r'sigmoid', r'sigmoid'),
    all_sum=(r'whole|\ball\b|batch|each row|everything|table',
        r'\bsum\b.{0,30}(whole|all rows|batch|everything)|divided by .{0,20}(whole|all)'),
    not_shared=(r'divi|share|add up|\bsum|only the exp', r'never divided|not divided|isn.t divided|only the exp'),
    column_max=(r'column|dim|axis|row', r'(largest|max).{0,40}column|column.s (own )?(largest|max)'),
    # binary cross-entropy
    naive_bce=(r'inf|nan|overflow|log(arithm)? of (a )?(0|zero)|large|sure|far from 0|round|\b0\b|100',
        r'log(arithm)? of (a )?(0|zero)|overflow'),
    capped_bce=(r'100|clamp|clip|cap|large|far|sure|round|sigmoid', r'capp|at most 100|above 100|stops at'),
    absolute=(r'distance|absolute|\blog|mnist_loss|L1|squar', r'absolute|mnist_loss'),
    order=(r'order|exchang|swap|labels first|way round|the other way',
        r'argument|labels first|wrong order|(scores|predictions|preds) and (the )?labels.{0,20}(exchang|swap)'),
    # metrics
    half=(r'0\.5|threshold|probabilit|one half', r'0\.5|one half'),
    sigmoid_over_0=(r'sigmoid|always|all\b|every|threshold|0\.5',
        r'sigmoid .{0,30}(is|are) (always |never )|always above'),
    rounded=(r'round|0\.5', r'\bround'),
    argmax_of_one=(r'argmax|largest|one column|single column|always|every', r'argmax|softmax'),
    reversed=(r'wrong|differ|error|!=|opposite|swap|exchang|revers|invert|other way|below 0|7s?\b.{0,20}3',
        r'share of (the )?(wrong|errors)|revers|other way|wrong way|swapp|exchang'),
    errors=(r'wrong|differ|error|!=|not equal|unequal|opposite|miss',
        r'error rate|(counts|share of).{0,15}wrong|where .{0,40}differ|!='),
    both_ones=(r'both|3s|7s|label 0|only|hits', r'only (the )?3s|where both|7s .{0,40}(never|not count)'),
    percent=(r'percent|100', r'percent|\b100\b'),
    count=(r'count|number|\bsum\b|share|divi|how many',
        r'a count\b|number of right|\bsum\b.{0,40}mean|isn.t divided|never divided'),
    by_ones=(r'\b3s\b|\bones\b|label 1', r'number of 3s|of the 3s|labels? 1'),
    by_classes=(r'class|column|\bten\b|\b10\b', r'number of (class|column)|by (the )?(ten|10)'),
    shares=(r'share|count|divi|whole numbers', r'shares?\b|divided by'),
    only_right=(r'right|diagonal|wrong ones|only', r'diagonal|only the right'),
    smallest=(r'small|min|lowest|least', r'smallest|argmin|lowest'),
    flat_argmax=(r'whole|dim|axis|all\b|one (answer|number)|single|flat|batch',
        r'whole (table|batch)|without (a )?dim|one answer for all'),
    values=(r'value|score itself|scores? them|largest score|index|indices|place|itself',
        r'values?\b.{0,40}(indices|index|place)|scores? (them|it)sel'),
    one_column=(r'column|above 0|two|threshold|first', r'first column|only column 0|one column|above 0'),
    plus_one=(r'shift|off by|(from|with|at) 1|one (too|more|place)|\+ ?1|next',
        r'off by one|shifted by one|(begin|start|count)\w* (at|from|with) 1|one too|\+ ?1'),
    nearly=(r'near|neighbour|next|within|off by|1|close|number', r'within|neighbour'),
    # validation
    mean_of_means=(r'batch|weigh|last|smaller|items',
        r'mean of (the )?(batch )?means|same weight|half of the vote|counts as much'),
    last_batch=(r'last|one batch|overwrit', r'only the last|the last batch only|last batch.s'),
    first_batch=(r'first batch|one batch|in(side)? the loop|return|break|only the first',
        r'only the first|first batch|only one batch|inside the loop'),
    never_divided=(r'divi|\bsum\b|mean|number|total', r'never divided|isn.t divided|\bsum\b.{0,40}mean'),
    skips_last=(r'last|small|incomplete|left out|skip|drop', r'left out|skip|dropp|incomplete'),
    # steps
    uphill=(r'\bup|plus|\badd|sign|direction|climb|wrong way|minus|subtract',
        r'uphill|climb|wrong direction|up the slope'),
    no_rate=(r'\blr\b|rate',
        r'(no|without|ignores|forgot\w*).{0,16}(\blr\b|rate)|(\blr\b|rate) .{0,20}(ignored|missing|not used)'),
    fixed_rate=(r'\blr\b|rate', r'(rate|\blr\b).{0,40}(fixed|own|0\.1|ignored)|(ignores|fixed).{0,30}(rate|\blr\b)'),
    new_tensor=(r'new tensor|in place|name|never hear|copy|object|doesn.t change|not change',
        r'new tensor|only .{0,20}name'),
    along_weights=(r'itself|weights?|decay|parameter|gradient|shrink', r'decay|shrink|times (it|the param)'),
    bias_stays=(r'\bbias|only the (first|weights)|not all|some of|one of|last param|never (changes|moves)',
        r'bias (is|stays|never|isn)|only the first|not all|last parameter'),
    weights_stay=(r'\bweights?\b|only the (last|bias)|not all|some of|one of|first param|never (changes|move)',
        r'weights? (stay|never)|only the (last|bias)|not all'),
    never_cleared=(r'clear|zero|sum of all|add(s|ed)? up|accumul|earlier|left over|pile',
        r'add(s|ed)? up|accumul|never clear|not cleared|piles? up'),
    bias_not_cleared=(r'clear|zero|sum of all|add(s|ed)? up|accumul|earlier|left over|pile',
        r'add(s|ed)? up|accumul|never clear|not cleared|piles? up'),
    no_brackets=(r'bracket|parenthes|clear|zero|sum of all|add(s|ed)? up|accumul|earlier', r'bracket|parenthes'),
    cleared_early=(r'before|clear|zero|nothing|order|moves',
        r'clear\w* .{0,30}before|before the step|nothing (moves|changes)'),
    step_at_end=(r'after the (loop|epoch)|outside|one step|once|indent|every batch|each batch',
        r'after the loop|outside of the loop|indent'),
    loss_after=(r'after (the |its )?step|before (the |its )?step|new loss|as it was', r'after the step|new loss'),
    loss_attached=(r'detach|item|grad|graph|float', r'detach|still (knows|requires)|requires a grad'),
    nothing_back=(r'return|None', r'returns? (nothing|None)|doesn.t return|no return|return is missing'),
    no_step=(r'step|moves?|change|nothing', r'no step|never step|\bstep\b .{0,20}never'),
    two_steps=(r'twice|two|second|double|more than once', r'twice|two steps'),
    backward_twice=(r'twice|two|second|double|more than once', r'twice|two times|double'),
    generator=(r'generator|once|list|exhaust|empty|used up|second time', r'generator|exhaust|used up|gone over once'),
    no_none_check=(r'None|without a grad|no gradient', r'\bNone\b|has no gradient|without a gradient'),
    damped=(r'1 ?[-−–] ?(m|0|beta)|damp|\ball of (it|the grad)', r'1 ?[-−–] ?(m|0)|damp'),
    shared_velocity=(r'shar|one velocity|single|own|each param|every param|same',
        r'shar|single velocity|one velocity'),
    forgets_velocity=(r'velocity|velocities|remember|forget|plain|momentum',
        r'plain|forg[eo]t|starts? (anew|again)|new velocity'),
    nesterov=(r'nesterov|ahead|twice|gradient', r'nesterov'),
    alias=(r'same tensor|alias|two names|copy|clone|itself|one tensor', r'alias|two names|same tensor'),
    clears_velocity=(r'velocit', r'zero_grad.{0,60}velocit|velocit.{0,60}zero_grad'),
    fixed_momentum=(r'momentum|0\.9', r'momentum.{0,30}(ignored|fixed|0\.9)|fixed|always 0\.9'),
    # distances
    whole_stack=(r'whole|\ball\b|one number|single|each image|axes|axis|dim',
        r'one number|whole stack|over everything|all (the )?images'),
    l1=(r'absolute|L1|squar', r'\bL1\b|mean absolute|absolute (diff|dist|val)'),
    no_root=(r'root|sqrt|MSE', r'root .{0,20}(missing|lack)|(no|without|lacks).{0,8} root|no sqrt'),
    total=(r'\bsums?\b|mean|784|add|number of pixels|divi', r'\bsum\b|by 784'),
    one_axis=(r'axis|axes|dim|row|column', r'one axis|only (one|the last)|row by row|each row'),
    deviation=(r'deviation|std|varia|mean', r'deviation|\bstd\b'),
    mean_first=(r'\bsign|squar|cancel|order|mean|before', r'cancel|before .{0,20}squar|signed'),
    turned_table=(r'transpos|turned|exchang|row|column|\(k, ?n\)|axis',
        r'transpos|\(k, ?n\)|turned|rows? and columns'),
    product=(r'product|multipl|correl|distance', r'product|correlat'),
    farthest=(r'far|largest|argmax|max|small', r'farthest|largest|argmax'),
    # parameters
    uniform=(r'uniform|rand\b|between 0 and 1|normal', r'uniform|torch\.rand\b'),
    no_grad=(r'requires_grad|requires? (a |no )?gradient|without a gradient|no gradient|ask\w* for',
        r'\b(no|without|lacks)\b.{0,20} gradient|doesn.t (ask for|require)'),
    no_leaf=(r'leaf', r'no leaf|not a leaf|isn.t a leaf'),
    std_ignored=(r'\bstd\b|standard deviation', r'(\bstd\b|deviation).{0,20}(ignored|unused|not used)|ignores'),
    variance=(r'squar|varian|root', r'squar|varian'),
    std_added=(r'add|around|centre|center|shift|mean|\bplus', r'added|adds|centre|shifted|around'),
    positive=(r'negative|positive|abs|sign|below 0|around', r'positive|negative|absolute'),
    all_zero=(r'zeros?|same|random|constant|ones', r'zeros|random numbers (are )?missing'),
    default_std=(r'default|unless|0\.01|without|given', r'default'),
    no_bias=(r'bias', r'bias .{0,20}(missing|lacking|not added|ignored|never)|(no|without|ignores).{0,10} bias'),
    bias_minus=(r'bias', r'bias.{0,30}subtract|minus the bias'),
    bias_times=(r'bias', r'(times|multipli).{0,20} bias|bias .{0,20}multipli'),
    bias_each_pixel=(r'bias|pixel', r'bias .{0,40}pixel|each pixel'),
    mean_not_sum=(r'mean|average|\bsum\b|divi', r'\bmean\b|average'),
    squeezed=(r'sigmoid|squeez|between 0 and 1', r'sigmoid'),
    # ideals
    bytes_left=(r'255|bytes|0 to 1|fraction', r'255'),
    by_256=(r'256|255', r'256'),
    one_class_less=(r'9|nine|ten\b|last digit|shape', r'nine|only 9|last digit'),
    divided_by_n=(r'all (the )?images|len|number of|divi|\bn\b', r'number of all|all (the )?images|by n\b'),
    from_one=(r'\b0\b|from 1|10|order|place|shift', r'(begin|start|count)\w* (at|from|with) 1'),
    fixed_pixels=(r'784|28|fixed|constant|size|number of pixels|always', r'\b784\b|fixed|constant|always'))

# A sentence about one fault may truly say what belongs to another one, too
ALSO = dict(hard={'no_grad','rounded','half'}, rounded={'half'}, naive_bce={'own_sigmoid'},
    log_of_softmax={'naive_exp','own_sigmoid'}, naive_exp={'log_of_softmax'}, no_log={'probs'}, probs={'no_log'},
    sigmoid_for_softmax={'no_softmax'}, no_brackets={'never_cleared','bias_not_cleared'},
    never_cleared={'bias_not_cleared'}, by_256={'bytes_left'},
    bias_not_cleared={'never_cleared','bias_stays'}, all_rows={'broadcast'}, broadcast={'all_rows'},
    capped_bce={'naive_bce','epsilon'}, l1={'squared','absolute'}, absolute={'no_log'}, squared={'no_log'},
    largest={'no_pick'}, no_pick={'largest'}, cleared_early={'no_step'}, variance={'std_ignored'},
    tanh={'no_sigmoid'}, softmax_batch={'no_sigmoid'}, epsilon={'log_of_softmax','naive_bce'}, total={'sum'},
    argmax_of_one={'half'}, sigmoid_over_0={'half'}, signed={'one_label','l1'},
    step_at_end={'never_cleared','last_batch'}, one_column={'half'}, fixed_rate={'no_rate'}, no_rate={'fixed_rate'},
    first_batch={'skips_last'}, alias={'clears_velocity'}, clears_velocity={'forgets_velocity'},
    batch_max={'log_of_softmax','naive_exp'},
    last_batch={'first_batch'})

# Faults of the same results, which only a look at the calls or at the code can tell apart
TWINS = dict(no_brackets='never_cleared', cleared_early='no_step')

# ---- The texts

TEXTS = dict(re.findall(r'^# (\w+)\n(.*?)\n(?=#|\Z)', '''
# one_column_1
def $name(preds, targets):
    p = $squash
    d = $dist
    return $avg
# one_column_2
def $name(preds, targets):
    total = torch.zeros(1).sum()
    for s,t in zip(preds.flatten(), targets.flatten()):
        p = $squash
        $add
    return $avg
# two_class_1
def $name(preds, yb):
    d = $bce
    return $avg
# two_class_2
def $name(preds, yb):
    costs = []
    for s,t in zip(preds.flatten(), yb.flatten()):
        $cost
    d = torch.stack(costs)
    return $avg
# nll_1
def nll_loss(log_probs, yb):
    d = $pick
    return $sign($avg)
# nll_2
def nll_loss(log_probs, yb):
    total = torch.tensor(0.)
    for i in range(len(yb)):
        total = total $sign log_probs[$cell]
    return total$avg
# cross_1
def cross_entropy(preds, yb):
    $logp
    d = $pick
    return $sign($avg)
# cross_2
def cross_entropy(preds, yb):
    costs = []
    for row,y in zip(preds, yb):
        $logp
        costs.append($signp[$cell])
    d = torch.stack(costs)
    return $avg
# softmax_1
def softmax(preds):
    $shift
    $powers
    return $share
# softmax_2
def softmax(preds):
    rows = []
    for row in preds:
        e = $powers
        rows.append($share)
    return torch.stack(rows)
# log_softmax_1
def log_softmax(preds):
    $logp
    return log_probs
# acc_1
def $name(preds, yb):
    answer = $decide
    hits = $equal
    return $share
# acc_2
def $name(preds, yb):
    scores, labels = preds.detach().numpy().ravel(), yb.numpy().ravel()
    return $share(($decide)$equal labels)
# acc_3
def $name(preds, yb):
    right = 0
    for s,t in zip(preds.flatten(), yb.flatten()):
        answer = $decide
        $tally
    return $share
# ten_1
def $name(preds, yb):
    labels = $labels
    answer = $decide
    hits = $same
    return $share
# ten_2
def $name(preds, yb):
    right = 0
    for row,y in zip(preds, yb.flatten()):
        best = $best
        $tally
    return $share
# confusion_1
def confusion(preds, yb):
    table = $zeros
    for i,j in zip(yb, $decide):
        $add
    return $end
# confusion_2
def confusion(preds, yb):
    answer = $decide
    table = torch.bincount($number, minlength=100).view(10, 10)
    return $end
# validate_1
def $name(model, $dl, metric):
    total,n = 0.,0
    for xb,yb in $dl:
        total += $weigh
        n += $count
    return total$divide
# validate_2
def $name(model, dl, metric):
    scores,sizes = [],[]
    for xb,yb in dl:
        $skip
        scores.append(float(metric(model(xb), yb)))
        sizes.append(len(yb))
    return $mean
# epoch_1
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss = $loss
        loss.backward()
        with torch.no_grad():
            for p in $which:
                $move
        $clear
        $end
# epoch_2
def train_epoch(model, lr, params, dl, loss_func):
    size = 0
    for xb,yb in dl:
        $skip
        preds = model(xb)
        grads = torch.autograd.grad($loss, params)
        for p,g in zip($which, grads):
            $move
# epoch_3
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
    $sgd
# step_1
def train_step(xb, yb, model, loss_func, opt):
    preds = model(xb)
    loss = $loss
    $backward
    $early
    $step
    $clear
    $back
# optimizer_1
class $name:
    def __init__(self, params, lr$extra):
        $start
        $more
    def step(self):
        lr = self.lr
        with torch.no_grad():
            for i,p in enumerate($which):
                $none
                $velocity
                $move
    def zero_grad(self):
        $forget
        $keep
# rmse_1
def rmse(images, ideal):
    d = $diff
    m = $mean
    return $root
# rmse_2
def rmse(images, ideal):
    out = []
    for im in images:
        d = $diff
        m = $mean
        out.append($root)
    return torch.tensor([float(o) for o in out])
# rmse_3
def rmse(images, ideal):
    return $all
# distances_1
def digit_distances(x, means):
    d = $pairs
    m = $mean
    return $root
# distances_2
def digit_distances(x, means):
    out = torch.zeros(len(x), len(means))
    for i in range(len(x)):
        for j in range(len(means)):
            d = $diff
            m = $mean
            out[i,j] = $root
    return out$turn
# nearest_1
def nearest_digit(x, means):
    d = $pairs
    m = $mean
    return $where
# means_1
def mean_digits(x, y):
    $scale
    return torch.stack([$mean for d in $digits])
# init_1
def init_params(size, std=$default):
    w = $draw
    $scale
    $grad
    return w
# linear_1
def linear1(xb, weights, bias):
    s = $sum
    s = $bias
    return $end
# linear_2
def linear1(xb, weights, bias):
    return $all
''', re.M|re.S))

# ---- Losses of one column

AVG = slot('d.mean()', 'torch.mean(d)', 'd.sum()/d.numel()', 'sum(d.flatten())/len(d.flatten())',
    'torch.stack(list(d.flatten())).mean()', 'torch.einsum("i->", d.flatten())/d.shape[0]',
    'torch.sum(d).div(len(d))', 'd.reshape(-1) @ torch.full((d.numel(),), 1/d.numel())',
    sum=('d.sum()', 'sum(d.flatten())', 'torch.einsum("i->", d.flatten())'),
    fixed_size=('d.sum()/64', 'torch.sum(d)/256'), divided_twice=('d.mean()/len(d)', 'd.mean()/d.shape[0]'))
AVG_N = slot('d.mean()', 'torch.mean(d)', 'd.sum()/len(d)', 'sum(d.flatten())/d.numel()',
    'torch.stack(list(d)).mean()', 'torch.sum(d)/d.shape[0]', sum=('d.sum()', 'torch.sum(d)'),
    fixed_size=('d.sum()/64', 'torch.sum(d)/256'), divided_twice='d.mean()/len(d)')

SQUASH = slot('preds.sigmoid()', 'torch.sigmoid(preds)', 'F.sigmoid(preds)', 'torch.special.expit(preds)',
    '0.5*(torch.tanh(preds/2)+1)', 'F.logsigmoid(preds).exp()',
    'torch.stack([preds, torch.zeros_like(preds)]).softmax(0)[0]', 'nn.Sigmoid()(preds)',
    no_sigmoid=('preds', '1*preds'),
    sigmoid_twice=('preds.sigmoid().sigmoid()', 'torch.sigmoid(F.sigmoid(preds))'),
    own_sigmoid=('1/(1+torch.exp(-preds))', '1/(1+math.e**(-preds))'),
    flipped=('1-preds.sigmoid()', 'torch.sigmoid(-preds)'), softmax_batch='torch.softmax(preds, dim=0)',
    tanh=('preds.tanh()', 'torch.tanh(preds)'), hard=('(preds>0).float()', 'preds.sigmoid().round()'))
DIST = slot('torch.where(targets==1, 1-p, p)', '(p-targets).abs()', 'torch.abs(targets-p)',
    'targets*(1-p)+(1-targets)*p', 'F.l1_loss(p, targets.float(), reduction="none")',
    'torch.maximum(p-targets, targets-p)', 'torch.where(targets>0.5, 1., 0.).sub(p).abs()',
    'p+targets-2*p*targets',
    flipped=('torch.where(targets==1, p, 1-p)', '(1-targets-p).abs()', 'targets*p+(1-targets)*(1-p)'),
    squared=('(p-targets)**2', 'torch.square(targets-p)', 'F.mse_loss(p, targets.float(), reduction="none")'),
    signed=('p-targets', 'targets-p'),
    logged=('-torch.where(targets==1, p, 1-p).log()', '-(targets*torch.log(p)+(1-targets)*torch.log(1-p))'),
    one_label=('targets*(1-p)', 'torch.where(targets==1, 1-p, 0*p)', 'torch.where(targets==0, p, 0*p)'),
    broadcast=('(p.reshape(-1, 1)-targets.flatten()).abs()',
        'torch.where(targets.reshape(1, -1)==1, 1-p.reshape(-1, 1), p.reshape(-1, 1))'))
ONE_COLUMN = [(TEXTS['one_column_1'], dict(squash=SQUASH, dist=DIST, avg=AVG)),
    (TEXTS['one_column_2'],
        dict(
            squash=slot('s.sigmoid()', 'torch.sigmoid(s)', '(1+torch.tanh(s/2))/2', no_sigmoid='s',
                sigmoid_twice='s.sigmoid().sigmoid()', own_sigmoid='1/(1+torch.exp(-s))',
                flipped='torch.sigmoid(-s)', hard='(s>0).float()'),
            add=slot('total = total+(1-p if t==1 else p)', 'total = total+abs(t-p)',
                'if t==1: total = total+1-p\nelse: total = total+p', flipped='total = total+(p if t==1 else 1-p)',
                squared='total = total+(t-p)**2', signed='total = total+(p-t)',
                one_label='if t==1: total = total+(1-p)', logged='total = total-torch.log(p if t==1 else 1-p)'),
            avg=slot('total/len(preds)', 'total/targets.numel()', sum='total', fixed_size='total/64')))]

BCE = slot('F.binary_cross_entropy_with_logits(preds, yb.float(), reduction="none")',
    'F.softplus(preds)-preds*yb', '-(yb*F.logsigmoid(preds)+(1-yb)*F.logsigmoid(-preds))',
    'torch.where(yb==1, F.softplus(-preds), F.softplus(preds))',
    'torch.logaddexp(torch.zeros_like(preds), preds)-preds*yb', '-F.logsigmoid((2*yb-1)*preds)',
    'F.softplus(torch.where(yb==0, preds, -preds))',
    '-torch.where(yb==1, F.logsigmoid(preds), F.logsigmoid(preds)-preds)',
    naive_bce=('-(yb*preds.sigmoid().log()+(1-yb)*(1-preds.sigmoid()).log())',
        '-torch.where(yb==1, torch.sigmoid(preds).log(), torch.log(1-torch.sigmoid(preds)))'),
    capped_bce='F.binary_cross_entropy(preds.sigmoid(), yb.float(), reduction="none")',
    epsilon=('-(yb*(preds.sigmoid()+1e-8).log()+(1-yb)*(1-preds.sigmoid()+1e-8).log())',
        '-torch.where(yb==1, preds.sigmoid(), 1-preds.sigmoid()).clamp(min=1e-7).log()'),
    sigmoid_twice=('F.binary_cross_entropy_with_logits(preds.sigmoid(), yb.float(), reduction="none")',
        'F.softplus(torch.sigmoid(preds))-torch.sigmoid(preds)*yb'),
    order='F.binary_cross_entropy_with_logits(yb.float(), preds, reduction="none")',
    flipped=('F.softplus(-preds)+preds*yb', 'torch.where(yb==1, F.softplus(preds), F.softplus(-preds))',
        'F.binary_cross_entropy_with_logits(preds, 1-yb.float(), reduction="none")'),
    one_label=('-yb*F.logsigmoid(preds)', 'torch.where(yb==1, F.softplus(-preds), 0*preds)',
        '-(1-yb)*F.logsigmoid(-preds)'),
    squared=('(preds.sigmoid()-yb)**2', 'F.mse_loss(torch.sigmoid(preds), yb.float(), reduction="none")'),
    absolute=('(preds.sigmoid()-yb).abs()', 'torch.where(yb==1, 1-preds.sigmoid(), preds.sigmoid())'),
    no_minus=('yb*F.logsigmoid(preds)+(1-yb)*F.logsigmoid(-preds)',
        'torch.where(yb==1, F.logsigmoid(preds), F.logsigmoid(-preds))'),
    broadcast=('F.softplus(preds.flatten())-preds.flatten()*yb',
        'torch.where(yb.flatten()==1, F.softplus(-preds), F.softplus(preds))'))
TWO_CLASS = [(TEXTS['two_class_1'], dict(bce=BCE, avg=AVG)),
    (TEXTS['two_class_2'],
        dict(avg=AVG,
            cost=slot('costs.append(F.softplus(-s) if t==1 else F.softplus(s))', 'costs += [F.softplus(s)-s*t]',
                'costs.append(-F.logsigmoid(s if t==1 else -s))',
                flipped='costs.append(F.softplus(s) if t==1 else F.softplus(-s))',
                naive_bce='p = torch.sigmoid(s)\ncosts.append(-torch.log(p if t==1 else 1-p))',
                no_minus='costs.append(F.logsigmoid(s if t==1 else -s))',
                squared='costs.append((torch.sigmoid(s)-t)**2)',
                epsilon='p = torch.sigmoid(s)\ncosts.append(-torch.log((p if t==1 else 1-p)+1e-6))')))]

# ---- Losses of ten columns

PICK = slot('log_probs[torch.arange(len(yb)),yb]', 'log_probs[range(len(yb)),yb]',
    'log_probs.gather(1, yb.unsqueeze(1)).squeeze(1)', 'torch.stack([log_probs[i,y] for i,y in enumerate(yb)])',
    'log_probs.take_along_dim(yb[:,None], 1)[:,0]', 'torch.diag(log_probs[:,yb])',
    'torch.where(F.one_hot(yb, log_probs.shape[1])==1, log_probs, 0.).sum(1)',
    'log_probs.index_select(1, yb).diagonal()',
    'torch.einsum("nk,nk->n", log_probs, F.one_hot(yb, log_probs.shape[1]).float())',
    'log_probs[F.one_hot(yb, log_probs.shape[-1]).bool()]',
    'log_probs.flatten()[yb+log_probs.shape[1]*torch.arange(len(yb))]',
    '(log_probs*(yb[:,None]==torch.arange(log_probs.shape[1]))).sum(dim=-1)',
    'torch.cat([row[y].view(1) for row,y in zip(log_probs, yb)])',
    all_rows=('log_probs[:,yb]', 'log_probs.index_select(1, yb)'),
    largest=('log_probs.max(1).values', 'log_probs.amax(dim=1)'), no_pick=('log_probs.mean(1)',),
    next_column=('log_probs[torch.arange(len(yb)),yb-1]', 'log_probs.roll(1, 1)[range(len(yb)),yb]'),
    first_row=('log_probs[0,yb]', 'log_probs[0][yb]'),
    all_cells=('log_probs*F.one_hot(yb, log_probs.shape[1])',
        'torch.where(F.one_hot(yb, log_probs.shape[1])==1, log_probs, 0.)'))
SIGN = slot('-', '-1*', '0-', no_minus=('', '1*'))
NLL = [
    (TEXTS['nll_1'],
        dict(avg=AVG_N, sign=SIGN,
            pick=Slot(PICK.right,
                PICK.wrong | dict(
                    probs=('log_probs.exp()[torch.arange(len(yb)),yb]',
                        'torch.exp(log_probs.gather(1, yb[:,None]))'))))),
    (TEXTS['nll_2'],
        dict(sign=slot('-', no_minus='+'),
            cell=slot('i,yb[i]', 'i][yb[i]', 'i,int(yb[i])', next_column='i,yb[i]-1', first_row='0,yb[i]'),
            avg=slot('/len(yb)', '/log_probs.shape[0]', sum='', fixed_size='/64')))]

LOGP = slot('log_probs = torch.log_softmax(preds, 1)', 'log_probs = preds.log_softmax(dim=-1)',
    'log_probs = preds-torch.logsumexp(preds, 1, keepdim=True)',
    's = preds-preds.max(1, keepdim=True).values\nlog_probs = s-s.exp().sum(1, keepdim=True).log()',
    'log_probs = nn.LogSoftmax(dim=1)(preds)',
    's = preds-preds.amax(1)[:,None]\nlog_probs = s-torch.log(torch.exp(s).sum(-1))[:,None]',
    'log_probs = (preds.T-preds.logsumexp(dim=1)).T',
    'log_probs = torch.stack([row-torch.logsumexp(row, 0) for row in preds])',
    log_of_softmax=('log_probs = preds.softmax(1).log()', 'log_probs = torch.log(F.softmax(preds, dim=1))',
        's = (preds-preds.amax(1, keepdim=True)).exp()\nlog_probs = torch.log(s/s.sum(1, keepdim=True))'),
    epsilon=('log_probs = torch.log(preds.softmax(1)+1e-8)',
        'log_probs = preds.softmax(dim=1).clamp(min=1e-7).log()'),
    dim_0=('log_probs = preds.log_softmax(0)', 'log_probs = preds-preds.logsumexp(0)'),
    no_softmax=('log_probs = preds', 'log_probs = preds.float()'),
    no_log=('log_probs = preds.softmax(1)', 'log_probs = torch.softmax(preds, dim=1)'),
    softmax_twice='log_probs = preds.softmax(1).log_softmax(1)',
    naive_exp=('e = torch.exp(preds)\nlog_probs = torch.log(e/e.sum(1, keepdim=True))',
        'log_probs = preds-preds.exp().sum(1, keepdim=True).log()'),
    batch_max='s = preds-preds.max()\nlog_probs = s-torch.log(torch.exp(s).sum(1, keepdim=True))',
    not_brought_back='top = preds.amax(1)[:,None]\nlog_probs = preds-(preds-top).exp().sum(1, keepdim=True).log()',
    sigmoid_for_softmax='log_probs = F.logsigmoid(preds)')
CROSS = [(TEXTS['cross_1'], dict(logp=LOGP, pick=PICK, sign=SIGN, avg=AVG_N)),
    (TEXTS['cross_2'],
        dict(avg=AVG_N, sign=slot('-', no_minus=''), cell=slot('y', 'int(y)', next_column='y-1'),
            logp=slot('p = row.log_softmax(0)', 'p = row-row.logsumexp(0)',
                's = row-row.max()\np = s-s.exp().sum().log()', log_of_softmax='p = row.softmax(0).log()',
                no_log='p = row.softmax(0)', no_softmax='p = row', naive_exp='p = row-row.exp().sum().log()',
                epsilon='p = torch.log(row.softmax(0)+1e-9)', sigmoid_for_softmax='p = F.logsigmoid(row)')))]

SOFTMAX = [
    (TEXTS['softmax_1'],
        dict(
            shift=slot('s = preds-preds.amax(1, keepdim=True)', 's = preds-preds.max(dim=1)[0].unsqueeze(1)',
                's = (preds.T-preds.T.amax(0)).T',
                's = preds-torch.stack([row.max() for row in preds]).view(-1, 1)',
                naive_exp=('s = preds', 's = 1*preds'), batch_max='s = preds-preds.max()',
                column_max='s = preds-preds.amax(0, keepdim=True)'),
            powers=slot('e = s.exp()', 'e = torch.exp(s)', 'e = math.e**s', 'e = s.double().exp().float()',
                sigmoid_for_softmax='e = torch.sigmoid(s)'),
            share=slot('e/e.sum(1, keepdim=True)', 'e/e.sum(dim=-1)[:,None]', '(e.T/e.sum(1)).T',
                'F.normalize(e, p=1, dim=1)', 'torch.einsum("nk,n->nk", e, 1/e.sum(1))',
                'torch.stack([row/row.sum() for row in e])', dim_0=('e/e.sum(0)', 'e/e.sum(0, keepdim=True)'),
                all_sum='e/e.sum()', not_shared=('e', '1*e')))),
    (TEXTS['softmax_2'],
        dict(
            powers=slot('torch.exp(row-row.max())', '(row-max(row)).exp()',
                naive_exp=('row.exp()', 'torch.exp(row)')),
            share=slot('e/e.sum()', 'e/sum(e)', 'e.div(torch.sum(e))', not_shared='e')))]
LOG_SOFTMAX = without('no_softmax', [(TEXTS['log_softmax_1'], dict(logp=LOGP))])

# ---- Metrics

SHARE = slot('hits.float().mean()', 'hits.sum()/len(hits)', 'torch.mean(hits*1.)',
    'hits.sum().item()/hits.numel()', '1-(~hits).double().mean()', 'hits.float().sum().div(len(yb))',
    'torch.count_nonzero(hits)/hits.shape[0]', 'float(sum(hits.flatten()))/hits.numel()',
    count=('hits.sum()', 'hits.float().sum()', 'torch.count_nonzero(hits)'),
    percent=('100*hits.float().mean()', 'hits.sum()/len(hits)*100'),
    fixed_size=('hits.sum()/64', 'hits.float().sum()/256'))
SHARE_2 = Slot(SHARE.right, SHARE.wrong | dict(by_ones=('hits.sum()/yb.sum()',)))
OVER_0 = slot('preds>0', 'preds.gt(0)', 'torch.where(preds>0, 1, 0)',
    'torch.heaviside(preds.detach(), torch.zeros(1))', '~(preds<=0)', '(preds>0).type(torch.int64)',
    '(preds>0).float()', half=('preds>0.5', 'torch.where(preds>0.5, 1, 0)'),
    sigmoid_over_0=('preds.sigmoid()>0', 'torch.sigmoid(preds)>0'),
    reversed=('preds<0', 'torch.where(preds>0, 0, 1)'), rounded=('preds.round()', 'torch.round(preds)'),
    argmax_of_one=('preds.reshape(-1, 1).argmax(1).reshape(preds.shape)', 'preds.unsqueeze(-1).argmax(-1)'))
EQUAL = slot('answer==yb', 'answer.eq(yb)', 'yb==answer', 'torch.eq(answer, yb)', '~(answer!=yb)',
    'torch.isclose(answer.float(), yb.float())', reversed=('answer!=yb', 'answer.ne(yb)'),
    both_ones=('(answer==1) & (yb==1)', '(answer*yb)==1'),
    broadcast=('answer.flatten()==yb.reshape(-1, 1)', 'answer.reshape(-1, 1)==yb.flatten()'))
ACC = [(TEXTS['acc_1'], dict(decide=OVER_0, equal=EQUAL, share=SHARE_2)),
    (TEXTS['acc_2'],
        dict(
            decide=slot('scores>0', 'np.where(scores>0, 1, 0)', '(scores>0).astype(int)', half='scores>0.5',
                reversed='scores<0', rounded='np.round(scores)'), equal=slot('==', reversed='!='),
            share=slot('np.mean', 'np.average', count='np.sum', percent='100*np.mean'))),
    (TEXTS['acc_3'],
        dict(
            decide=slot('1 if s>0 else 0', 'int(s>0)', half='1 if s>0.5 else 0', reversed='0 if s>0 else 1',
                rounded='round(float(s))'),
            tally=slot('if answer==t: right += 1', 'right += int(answer==t)', reversed='if answer!=t: right += 1',
                both_ones='if answer==1 and t==1: right += 1'),
            share=slot('right/len(yb)', 'right/preds.shape[0]', count='right', percent='right/len(yb)*100',
                fixed_size='right/64')))]

DECIDE = slot('preds.argmax(1)', 'preds.max(dim=1).indices', 'torch.argmax(preds, dim=-1)',
    'preds.topk(1, dim=1)[1][:,0]', 'preds.softmax(1).argmax(dim=1)',
    'preds.sort(dim=1, descending=True).indices[:,0]', 'torch.tensor([int(o.argmax()) for o in preds])',
    'torch.from_numpy(np.argmax(preds.detach().numpy(), axis=1))', 'torch.max(preds, 1)[1]',
    '(preds==preds.amax(1, keepdim=True)).float().argmax(1)',
    smallest=('preds.argmin(1)', 'preds.min(dim=1).indices'),
    flat_argmax=('preds.argmax()', 'torch.argmax(preds)'), values=('preds.max(1).values', 'preds.amax(1)'),
    one_column=('(preds[:,0]>0).long()', 'preds[:,0]>0'),
    plus_one=('preds.argmax(1)+1', 'torch.argmax(preds, 1).add(1)'))
SAME = slot('answer==labels', 'labels.eq(answer)', '(answer-labels)==0', 'torch.eq(labels, answer)',
    errors=('answer!=labels', 'torch.ne(answer, labels)'),
    broadcast=('answer==labels[:,None]', 'answer.reshape(-1, 1)==labels'), nearly='(answer-labels).abs()<=1')
SHARE_10 = Slot(SHARE.right, SHARE.wrong | dict(by_classes=('hits.sum()/preds.shape[1]', 'hits.float().sum()/10')))
ONE_BY_ONE = dict(
    best=slot('row.argmax()', 'max(range(len(row)), key=lambda i: row[i])',
        'int(np.argmax(row.detach().numpy()))', smallest='row.argmin()', values='row.max()',
        plus_one='row.argmax()+1'),
    tally=slot('if best==y: right += 1', 'right += int(best==y)', errors='right += int(best!=y)',
        nearly='if abs(best-y)<=1: right += 1'),
    share=slot('right/len(yb)', 'right/preds.shape[0]', count='right', percent='100*right/len(yb)',
        fixed_size='right/64', by_classes='right/preds.shape[1]'))
def ten(*labels):
    "Styles of a metric for ten columns, with ways to give its labels the shape (n,)"
    at_once = dict(labels=slot(*labels), decide=DECIDE, same=SAME, share=SHARE_10)
    return [(TEXTS['ten_1'],at_once),(TEXTS['ten_2'],ONE_BY_ONE)]

END = slot('table', 'table.long()', shares=('table/len(yb)', 'table/table.sum(1, keepdim=True).clamp(min=1)'))
CONFUSION = [
    (TEXTS['confusion_1'],
        dict(zeros=slot('torch.zeros(10, 10, dtype=torch.long)', 'torch.zeros((10, 10)).int()'),
            decide=slot('preds.argmax(1)', 'preds.max(1).indices', '[row.argmax() for row in preds]',
                smallest='preds.argmin(1)'),
            add=slot('table[i,j] += 1', 'table[int(i)][int(j)] += 1', 'table[i,j] = table[i,j]+1',
                turned_table='table[j,i] += 1', only_right='if i==j: table[i,j] += 1'), end=END)),
    (TEXTS['confusion_2'],
        dict(decide=slot('preds.argmax(1)', 'torch.argmax(preds, dim=-1)', smallest='preds.argmin(1)'),
            number=slot('yb*10+answer', 'answer+10*yb', turned_table='answer*10+yb'), end=END))]

VALIDATE = [
    (TEXTS['validate_1'],
        dict(dl=slot('dl', 'valid_dl'),
            weigh=slot('metric(model(xb), yb)*len(xb)', 'float(metric(model(xb), yb))*yb.shape[0]',
                'len(yb)*metric(model(xb), yb)'), count=slot('len(xb)', 'len(yb)', 'xb.shape[0]'),
            divide=slot('/n', never_divided=''))),
    (TEXTS['validate_2'],
        dict(skip=slot('pass', skips_last='if sizes and len(yb)<sizes[0]: continue'),
            mean=slot('sum(s*n for s,n in zip(scores, sizes))/sum(sizes)',
                'float(np.average(scores, weights=sizes))',
                '(torch.tensor(scores)@torch.tensor(sizes).float()/sum(sizes)).item()',
                mean_of_means=('sum(scores)/len(scores)', 'float(np.mean(scores))'), last_batch='scores[-1]',
                first_batch='scores[0]', never_divided='sum(scores)')))]

# ---- Steps

MOVE = slot('p -= lr*p.grad', 'p.sub_(p.grad*lr)', 'p.add_(p.grad, alpha=-lr)', 'p.copy_(p-lr*p.grad)',
    'p += -lr*p.grad', 'p[...] = p-p.grad*lr', 'p.data = p.data-lr*p.grad',
    'p.addcmul_(p.grad, torch.full_like(p, lr), value=-1)', uphill=('p += lr*p.grad', 'p.add_(p.grad, alpha=lr)'),
    no_rate=('p -= p.grad', 'p.sub_(p.grad)'), fixed_rate=('p -= 0.1*p.grad', 'p.sub_(p.grad*0.1)'),
    new_tensor=('p = p-lr*p.grad', 'p = p-p.grad*lr'), along_weights='p -= lr*p')
CLEAR = slot('for p in params: p.grad = None', 'for p in params: p.grad.zero_()', 'for p in params: p.grad *= 0',
    'for i in range(len(params)): params[i].grad = None', 'for p in params: p.grad = torch.zeros_like(p)',
    '[p.grad.zero_() for p in params]', never_cleared=('pass', 'lr = lr'),
    bias_not_cleared=('params[0].grad = None', 'params[0].grad.zero_()'),
    no_brackets='for p in params: p.grad.zero_')
WHICH = slot('params', 'list(params)', '[params[i] for i in range(len(params))]',
    bias_stays=('params[:1]', '[params[0]]'), weights_stay=('params[-1:]', 'params[1:]'))
LOSS = slot('loss_func(model(xb), yb)', 'loss_func(model(xb), yb)*1', order='loss_func(yb, model(xb))')
EPOCH = [
    (TEXTS['epoch_1'],
        dict(loss=LOSS, which=WHICH, move=MOVE, clear=CLEAR, end=slot('pass', '', first_batch=('break', 'return')))),
    (TEXTS['epoch_2'],
        dict(
            skip=slot('pass', 'xb,yb = xb.clone(),yb.clone()',
                skips_last='size = max(size, len(xb))\nif len(xb)<size: continue'),
            loss=slot('loss_func(preds, yb)', order='loss_func(yb, preds)'),
            which=slot('params', 'list(params)', bias_stays='params[:1]'),
            move=slot('p.data -= lr*g', 'p.data.sub_(lr*g)', 'with torch.no_grad(): p -= lr*g',
                uphill='p.data += lr*g', no_rate='p.data -= g', new_tensor='p = p-lr*g',
                fixed_rate='p.data -= 0.01*g'))),
    (TEXTS['epoch_3'], dict(sgd=slot(step_at_end='for p in params:\n    p.data -= lr*p.grad\n    p.grad = None')))]

STEP = [
    (TEXTS['step_1'],
        dict(loss=slot('loss_func(preds, yb)', 'loss_func(model(xb), yb)', order='loss_func(yb, preds)'),
            backward=slot('loss.backward()', 'torch.autograd.backward(loss)',
                backward_twice='loss.backward(retain_graph=True)\nloss.backward()'),
            early=slot('pass', 'value = loss.item()', cleared_early='opt.zero_grad()'),
            step=slot('opt.step()', no_step='pass', two_steps='opt.step()\nopt.step()'),
            clear=slot('opt.zero_grad()', never_cleared='pass', no_brackets='opt.zero_grad'),
            back=slot('return loss.item()', 'return loss.detach()', 'return float(loss)',
                'return loss.detach().clone()', loss_attached='return loss', nothing_back='pass',
                loss_after='return loss_func(model(xb), yb).item()')))]

START = slot('self.params, self.lr = list(params), lr', 'self.params = [p for p in params]\nself.lr = lr',
    'self.params, self.lr = tuple(params), lr', generator='self.params, self.lr = params, lr')
NONE = slot('if p.grad is None: continue', 'if not isinstance(p.grad, torch.Tensor): continue',
    no_none_check='pass')
SELF_WHICH = slot('self.params', 'iter(self.params)', bias_stays='list(self.params)[:-1]',
    weights_stay='list(self.params)[1:]')
FORGET = slot('for p in self.params: p.grad = None',
    'for p in self.params:\n    if p.grad is not None: p.grad.zero_()',
    'for p in self.params:\n    if p.grad is not None: p.grad = torch.zeros_like(p.grad)', never_cleared='pass',
    bias_not_cleared='for p in list(self.params)[:1]: p.grad = None',
    no_brackets='for p in self.params:\n    if p.grad is not None: p.grad.zero_')
OPTIM = [
    (TEXTS['optimizer_1'],
        dict(extra=slot(''), velocity=slot('pass', ''), keep=slot('pass', ''), start=START, more=slot('pass', ''),
            which=SELF_WHICH, none=NONE, move=MOVE, forget=FORGET))]
VELOCITY = slot('self.v[i] = self.m*self.v[i]+p.grad', 'self.v[i] = torch.add(self.v[i]*self.m, p.grad)',
    'self.v[i] = self.v[i].mul(self.m).add(p.grad)',
    'self.v[i] = p.grad.clone() if self.v[i] is None else self.m*self.v[i]+p.grad',
    'self.v[i] = p.grad+self.v[i]*self.m',
    damped=('self.v[i] = self.m*self.v[i]+(1-self.m)*p.grad',
        'self.v[i] = torch.lerp(p.grad, self.v[i]+0*p, self.m)'),
    forgets_velocity=('self.v[i] = p.grad.clone()', 'self.v[i] = self.m*torch.zeros_like(p)+p.grad'),
    shared_velocity='self.shared = self.m*self.shared+p.grad\nself.v[i] = self.shared',
    fixed_momentum='self.v[i] = 0.9*self.v[i]+p.grad',
    alias='self.v[i] = self.m*self.v[i]+p.grad if self.v[i].any() else p.grad')
BY_V = slot('p -= lr*self.v[i]', 'p.sub_(self.v[i]*lr)', 'p.add_(self.v[i], alpha=-lr)',
    'p.copy_(p-lr*self.v[i])', 'p.data -= self.v[i]*lr',
    uphill=('p += lr*self.v[i]', 'p.add_(self.v[i], alpha=lr)'), no_rate='p -= self.v[i]',
    nesterov='p -= lr*(p.grad+self.m*self.v[i])', new_tensor='p = p-lr*self.v[i]', fixed_rate='p -= 0.1*self.v[i]')
MOMENTUM = [
    (TEXTS['optimizer_1'],
        dict(extra=slot(', momentum=0.9', ', momentum'), start=START,
            more=slot('self.m, self.shared = momentum, 0.\nself.v = [torch.zeros_like(p) for p in self.params]',
                'self.shared, self.m = 0., momentum\nself.v = [0.*p.detach() for p in self.params]'),
            which=slot('self.params', 'iter(self.params)', bias_stays='list(self.params)[:-1]'), none=NONE,
            velocity=VELOCITY, move=BY_V, forget=Slot(FORGET.right[::-1], FORGET.wrong),
            keep=slot('pass', '', clears_velocity='self.v = [torch.zeros_like(p) for p in self.params]')))]

# ---- Distances and ideals

RMSE = [
    (TEXTS['rmse_1'],
        dict(
            diff=slot('(images-ideal)**2', '(ideal-images).square()', '(images-ideal)*(images-ideal)',
                'torch.pow(images-ideal[None], 2)', 'torch.stack([(im-ideal)**2 for im in images])',
                l1=('(images-ideal).abs()', 'torch.abs(ideal-images)')),
            mean=slot('d.mean((-1,-2))', 'd.flatten(1).mean(1)', 'd.mean(dim=(1,2))', 'd.mean(-1).mean(-1)',
                'd.sum((1,2))/ideal.numel()', 'torch.einsum("nhw->n", d)/d[0].numel()',
                'torch.stack([o.mean() for o in d])', whole_stack=('d.mean()', 'torch.mean(d)'),
                total=('d.sum((1,2))', 'd.flatten(1).sum(1)'),
                fixed_pixels=('d.sum((1,2))/784', 'd.sum((-1,-2))/(28*28)'), one_axis='d.mean(-1)'),
            root=slot('m.sqrt()', 'torch.sqrt(m)', 'm**0.5', 'm.pow(1/2)', no_root=('m', '1*m')))),
    (TEXTS['rmse_2'],
        dict(diff=slot('(im-ideal)**2', '(ideal-im).pow(2)', l1='(im-ideal).abs()'),
            mean=slot('d.mean()', 'd.sum()/d.numel()', 'np.mean(d.numpy())', total='d.sum()',
                fixed_pixels='d.sum()/784'), root=slot('m**0.5', 'math.sqrt(m)', 'np.sqrt(float(m))', no_root='m'))),
    (TEXTS['rmse_3'],
        dict(
            all=slot('((images-ideal)**2).mean((1,2)).sqrt()',
                'torch.linalg.vector_norm(images-ideal, dim=(1,2))/ideal.numel()**0.5',
                'torch.stack([F.mse_loss(im, ideal) for im in images]).sqrt()',
                mean_first='((images-ideal).mean((1,2))**2).sqrt()', deviation='(images-ideal).std((1,2))')))]
TABLE = slot('d.mean((-1,-2))', 'd.flatten(2).mean(-1)', 'd.mean(dim=(2,3))', 'd.sum((2,3))/x[0].numel()',
    'd.mean(-1).mean(-1)', 'd.sum((2,3))/784', total=('d.sum((-1,-2))', 'd.flatten(2).sum(2)'))
PAIRS = slot('(x[:,None]-means[None])**2', '(x.unsqueeze(1)-means).square()',
    'torch.stack([(x-m)**2 for m in means], 1)',
    'torch.stack([torch.stack([(o-m).pow(2) for m in means]) for o in x])',
    l1=('(x[:,None]-means).abs()', 'torch.stack([torch.abs(x-m) for m in means], dim=1)'),
    turned_table=('(means[:,None]-x)**2', 'torch.stack([(x-m)**2 for m in means])'))
DISTANCES = [
    (TEXTS['distances_1'],
        dict(pairs=PAIRS, mean=TABLE, root=slot('m.sqrt()', 'torch.sqrt(m)', 'm**0.5', no_root='m'))),
    (TEXTS['distances_2'],
        dict(diff=slot('(x[i]-means[j])**2', '(means[j]-x[i])**2', l1='(x[i]-means[j]).abs()'),
            mean=slot('d.mean()', 'd.sum()/d.numel()', 'd.sum()/784', total='d.sum()'),
            root=slot('m.sqrt()', 'm**0.5', 'math.sqrt(m)', no_root='m'), turn=slot('', turned_table='.T')))]
NEAREST = [
    (TEXTS['nearest_1'],
        dict(
            pairs=Slot(PAIRS.right,
                dict(l1=PAIRS.wrong['l1'], product=('-x[:,None]*means',), signed=('x[:,None]-means',))),
            mean=Slot(TABLE.right+('d.sum((2,3))',), {}),
            where=slot('m.argmin(1)', 'm.min(dim=1).indices', '(-m).argmax(1)', 'm.sort(1).indices[:,0]',
                'torch.tensor([int(o.argmin()) for o in m])', 'torch.from_numpy(np.argmin(m.numpy(), axis=1))',
                farthest=('m.argmax(1)', 'm.max(1).indices'), values=('m.min(1).values', 'm.amin(1)'),
                dim_0='m.argmin(0)', flat_argmax='m.argmin()', plus_one='m.argmin(1)+1')))]
MEANS = [
    (TEXTS['means_1'],
        dict(
            scale=slot('x = x.float()/255', 'x = x/255', 'x = x.to(torch.float32).div(255.)',
                'x = torch.from_numpy(x.numpy()/255.).float()', bytes_left=('x = x.float()', 'x = x*1.'),
                by_256='x = x/256'),
            mean=slot('x[y==d].mean(0)', 'torch.mean(x[y==d], dim=0)', 'x[y==d].sum(0)/(y==d).sum()',
                'sum(x[y==d])/len(x[y==d])', 'x[(y==d).nonzero()[:,0]].mean(dim=0)', total='x[y==d].sum(0)',
                divided_by_n='x[y==d].sum(0)/len(x)'),
            digits=slot('range(10)', 'torch.arange(10)', 'range(0, 10)', one_class_less='range(9)',
                from_one='range(1, 11)')))]

# ---- Parameters

INIT = [
    (TEXTS['init_1'],
        dict(default=slot('1.', '1', '1.0', default_std=('0.01', '0.1')),
            draw=slot('torch.randn(size)',
                'torch.normal(0., 1., (size,) if isinstance(size, int) else tuple(size))',
                'torch.empty(size).normal_()', 'torch.from_numpy(np.random.randn(*np.atleast_1d(size))).float()',
                'torch.zeros(size).normal_(mean=0, std=1)',
                uniform=('torch.rand(size)', 'torch.empty(size).uniform_()'), all_zero='torch.zeros(size)',
                positive=('torch.randn(size).abs()', 'abs(torch.randn(size))')),
            scale=slot('w = w*std', 'w *= std', 'w = torch.mul(w, std)', 'w.mul_(std)',
                std_ignored=('pass', 'w = w*1'), variance=('w = w*std**2', 'w *= std*std'), std_added='w = w+std'),
            grad=slot('w.requires_grad_()', 'w.requires_grad = True', 'w = nn.Parameter(w)',
                'w = w.clone().detach().requires_grad_(True)', no_grad=('pass', 'w = w.detach()'),
                no_leaf='w = w.requires_grad_()*1')))]
LINEAR = [
    (TEXTS['linear_1'],
        dict(
            sum=slot('xb@weights', 'torch.matmul(xb, weights)', '(xb*weights.T).sum(1, keepdim=True)',
                'xb.mm(weights)', 'torch.einsum("np,po->no", xb, weights)',
                'torch.stack([(row*weights[:,0]).sum() for row in xb])[:,None]', 'F.linear(xb, weights.t())',
                mean_not_sum=('(xb*weights.T).mean(1, keepdim=True)', 'xb@weights/len(weights)')),
            bias=slot('s+bias', 'torch.add(s, bias)', 'bias+s', no_bias=('s', '1*s'), bias_minus='s-bias',
                bias_times='s*bias'),
            end=slot('s', 's.view(-1, 1)', 's.reshape(len(xb), 1)', squeezed=('s.sigmoid()', 'torch.sigmoid(s)')))),
    (TEXTS['linear_2'], dict(all=slot('xb@weights+bias', bias_each_pixel='(xb+bias)@weights')))]

def named(name, styles): return [(text.replace('$name', name), slots) for text,slots in styles]

STYLES = dict(loss_1=dict(mnist_loss=ONE_COLUMN, bce_loss=TWO_CLASS, mended_bce=TWO_CLASS),
    small_loss_1=dict(mended_loss=without('own_sigmoid', ONE_COLUMN)), loss_10=dict(cross_entropy=CROSS),
    nll=dict(nll_loss=NLL), probabilities=dict(softmax=SOFTMAX, log_softmax=LOG_SOFTMAX),
    metric_1=dict(batch_accuracy=ACC, score_accuracy=ACC), metric_10=dict(digit_accuracy=ten('yb', 'yb.long()')),
    metric_column=dict(mended_metric=ten('yb.squeeze(1)', 'yb[:,0]', 'yb.flatten()', 'yb.view(-1)')),
    metric_ten=dict(confusion=CONFUSION), validation=dict(validate_epoch=VALIDATE, mended_validate=VALIDATE),
    epoch=dict(train_epoch=EPOCH), step=dict(train_step=STEP), optimizer=dict(MyOptim=OPTIM),
    momentum=dict(Momentum=MOMENTUM), distance=dict(rmse=RMSE), ideals=dict(mean_digits=MEANS),
    distances=dict(digit_distances=DISTANCES, nearest_digit=NEAREST), parameters=dict(init_params=INIT),
    linear=dict(linear1=LINEAR))
EXERCISES = [Exercise(name, probe, named(name, styles))
    for probe,group in STYLES.items() for name,styles in group.items()]
