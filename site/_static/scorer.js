// Chapters before assignments and the documentation of modules, which say the same words oftener
var Scorer = {
  score: ([docname, title, anchor, descr, score]) => score + (docname.startsWith("nbs/") ? 20 : 0),
  objNameMatch: 11, objPartialMatch: 6, objPrio: {0: 15, 1: 5, 2: -5}, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
};
