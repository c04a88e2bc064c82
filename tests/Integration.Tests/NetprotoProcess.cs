using System.Diagnostics;
using Integration.Tests.Operations;

namespace Integration.Tests;

/// <summary>The real <c>netproto</c>, as a script runs it, with redirected output and no keyboard.</summary>
internal static class NetprotoProcess
{
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) => RunAsync([], "", arguments);

    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        IEnumerable<KeyValuePair<string, string>> environment, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "command-line", "netproto.dll"), .. arguments]);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var result = await Tool.RunAsync(start, input);
        return (result.ExitCode, result.Output, result.Errors);
    }

    /// <summary>The lines of an output.</summary>
    public static string[] Lines(string output) => output.TrimEnd('\n').Split('\n');
}
