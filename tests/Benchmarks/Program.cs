using System.Reflection;
using BenchmarkDotNet.Running;
using Benchmarks.Load;

// serve KIND     a server in a process of its own, which `load` starts and asks for its figures
// load [NAME…]   whole-process comparisons; without a name all of them
// anything else  BenchmarkDotNet's own arguments
switch (args)
{
    case [ServedProcess.Argument, var kind]:
        await ServedProcess.RunAsync(kind);
        break;
    case ["load", .. var names]:
        Environment.SetEnvironmentVariable(Scenarios.InlineCompletions, Scenarios.InlineCompletionsValue); // the load's own sockets
        ThreadPool.SetMinThreads(64, 64); // connecting blocks
        await Scenarios.RunAsync(names);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
        break;
}
