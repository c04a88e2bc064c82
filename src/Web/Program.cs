using NetworkProtocol.Web;

// First, and apart from the rest, which takes time to load: until then a signal has its default effect.
var signals = new StopSignals();
return !Array.Exists(args, SelfProbe.IsArgument) && Descriptors.FindProblem() is { } tooFew
    ? await ConfigurationCheck.ReportAsync([tooFew])
    : await ServerProgram.RunAsync(args, signals);
