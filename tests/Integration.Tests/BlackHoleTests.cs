using System.Net;
using Integration.Tests.Operations;

namespace Integration.Tests;

/// <summary><c>netproto</c> with a hosts file of its own, in which most addresses of a name do not answer.</summary>
[Trait("Needs", "Program")]
public sealed class BlackHoleTests
{
    private const string Name = "many.test";

    /// <summary>With the usual quarter of a second per address, the last attempt would start after three seconds.</summary>
    private const int Holes = 12;

    [Theory]
    [InlineData("00:00:10")]
    [InlineData("00:00:02")]
    public async Task A_name_connects_whose_first_addresses_are_black_holes(string timeout)
    {
        var addresses = Enumerable.Range(1, Holes + 1).Select(i => new IPAddress([127, 0, 0, (byte)i])).ToArray();
        await using var server = await TestServer.StartAsync(new() { ["Listen"] = $"{addresses[^1]}:0" });
        var port = server.EndPoint.Port;
        var holes = addresses[..^1].Select(address => new BlackHole(new IPEndPoint(address, port))).ToArray();
        var hosts = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(hosts, addresses.Select(address => $"{address} {Name}"));
            var netproto = Path.Combine(AppContext.BaseDirectory, "command-line", "netproto.dll");
            var echo = await Tool.RunAsync("unshare", "--mount", "bash", "-c", $"""
                mount --bind {hosts} /etc/hosts
                exec dotnet {netproto} echo {Name}:{port} hello --plain --timeout {timeout}
                """);
            Assert.Equal("hello\n", echo.Good().Output);
        }
        finally
        {
            Array.ForEach(holes, hole => hole.Dispose());
            File.Delete(hosts);
        }
    }
}
