using System.Diagnostics;

namespace Integration.Tests.Operations;

/// <summary>How a program ended.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    public string All => Output + Errors;

    /// <summary>Fails the test with the program's whole output unless the program succeeded.</summary>
    public ToolResult Good()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{All}");
        return this;
    }
}

/// <summary>Runs a program that an operator would run, and waits for its end.</summary>
internal static class Tool
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static Task<ToolResult> RunAsync(string program, params string[] arguments) =>
        RunAsync(new ProcessStartInfo(program, arguments));

    public static async Task<ToolResult> RunAsync(ProcessStartInfo start, string input = "")
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(Patience);
        using var giveUp = deadline.Token.Register(() => process.Kill(entireProcessTree: true));
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading its input.
        }

        await process.WaitForExitAsync();
        return new ToolResult(process.ExitCode, await output, await errors);
    }
}
