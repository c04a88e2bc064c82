namespace Integration.Tests;

/// <summary>The client in a program that is compiled ahead of time and does not need .NET.</summary>
[Collection(nameof(SeparateBuild))]
[Trait("Needs", "Program")]
public sealed class PublishedSampleTests(SeparateBuild build)
{
    [Fact]
    public async Task A_client_compiled_ahead_of_time_finds_its_library_and_the_server()
    {
        var program = Path.Combine(await build.PublishAsync("samples/AotClient"), "AotClient");
        await using var server = await TestServer.StartAsync();
        Assert.Equal((0, "Grüße\n", ""), await SeparateBuild.RunAsync(program, server.EndPoint.ToString(), "Grüße"));
    }
}
