using System.Reflection;
using BenchmarkDotNet.Running;
using Benchmarks.Clients;
using Benchmarks.Load;

// serve KIND PORT  a server in a process of its own; `load` starts it and requests its figures
// contest …        one client library in a process of its own, likewise
// respond …        the program that answers NATS requests, likewise
// load [NAME…]     whole-process comparisons; without a name all of them
// anything else    BenchmarkDotNet's own arguments
switch (args)
{
    case [ServedProcess.Argument, var kind, var port]:
        await ServedProcess.RunAsync(kind, int.Parse(port, null));
        break;
    case [ContestantProcess.Argument, var kind, var address]:
        await ContestantProcess.RunAsync(kind, address);
        break;
    case [NatsResponder.Argument, var address]:
        await NatsResponder.RunAsync(address);
        break;
    case ["load", .. var names]:
        // For the sockets of the load process.
        Environment.SetEnvironmentVariable(Scenarios.InlineCompletions, Scenarios.InlineCompletionsValue);
        ThreadPool.SetMinThreads(64, 64); // each connection attempt blocks a thread
        await Scenarios.RunAsync(names);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
        break;
}
