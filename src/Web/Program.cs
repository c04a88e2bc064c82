using NetworkProtocol.Web;
using NetworkProtocol.Web.Node;

// First, and apart from the rest, which takes time to load: until then a signal has its default effect.
var signals = new StopSignals();
var arguments = Arguments.Parse(args);
return arguments.Problems.Count > 0 ? await ConfigurationCheck.ReportUsageAsync(arguments.Problems)
    : arguments.WantsHelp ? await ConfigurationCheck.ReportHelpAsync()
    : arguments.ProbePath is null && Descriptors.FindProblem() is { } tooFew ? await ConfigurationCheck.ReportAsync([tooFew])
    : await ServerProgram.RunAsync(arguments, signals);
