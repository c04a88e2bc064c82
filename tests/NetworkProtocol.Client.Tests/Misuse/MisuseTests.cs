using System.Diagnostics;

namespace NetworkProtocol.Client.Tests.Misuse;

/// <summary>Misuse of ValueTasks, in a process of its own, because an error ends the process.</summary>
public sealed class MisuseTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Misuse_of_a_ValueTask_at_worst_throws_at_the_misuser()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(MisusingProgram).Assembly.Location])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var deadline = new CancellationTokenSource(Patience);
        await using var giveUp = deadline.Token.Register(process.Kill);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode} after: {(await output).Split('\n')[^2]}\n{await errors}");
        Assert.EndsWith(MisusingProgram.Verdict, (await output).TrimEnd(), StringComparison.Ordinal);
    }
}
