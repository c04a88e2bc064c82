using NetworkProtocol.Web;
using NetworkProtocol.Web.Node;

// The signal handlers come first, in a class that loads quickly: until they are installed, a signal has its default effect.
var signals = new StopSignals();
var arguments = Arguments.Parse(args);
return arguments.Problems.Count > 0 ? await ConfigurationCheck.ReportUsageAsync(arguments.Problems)
    : arguments.WantsHelp ? await ConfigurationCheck.ReportHelpAsync()
    : arguments.ProbePath is null && DescriptorBudget.FindProblem() is { } tooFew ? await ConfigurationCheck.ReportAsync([tooFew])
    : await ServerProgram.RunAsync(arguments, signals);
