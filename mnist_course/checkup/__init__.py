"`check_setup`: ask a training set-up the questions to which you know the answer, before the first epoch"
from .everything import Report,check_setup,leaves_of
