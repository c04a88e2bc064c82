using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Integration.Tests.Operations;

/// <summary>A file of deploy/container for compose, as docker-compose reads it.</summary>
public sealed class ComposeFile
{
    public Dictionary<string, ComposeService> Services { get; set; } = [];

    public Dictionary<string, object?> Volumes { get; set; } = [];

    public Dictionary<string, ComposeSecret> Secrets { get; set; } = [];

    /// <summary>The services that are our nodes.</summary>
    public IEnumerable<ComposeService> Nodes =>
        Services.Where(service => service.Key.StartsWith("node", StringComparison.Ordinal) && service.Value.Build is not null)
            .OrderBy(service => service.Key, StringComparer.Ordinal).Select(service => service.Value);

    internal static async Task<ComposeFile> ReadAsync(string name = "compose.yaml")
    {
        var result = await Tool.RunAsync("docker-compose", "--file", Repository.Deploy($"container/{name}"), "config");
        Assert.Equal("", result.Good().Errors);
        return new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).IgnoreUnmatchedProperties().Build()
            .Deserialize<ComposeFile>(result.Output);
    }
}

public sealed class ComposeService
{
    public string Image { get; set; } = "";

    public ComposeBuild? Build { get; set; }

    public Dictionary<string, string> Environment { get; set; } = [];

    public IList<string> Ports { get; set; } = [];

    /// <summary>The volumes, as <c>folder:/place:ro</c>.</summary>
    public IList<string> Volumes { get; set; } = [];

    public Dictionary<string, Dictionary<string, string>?> Networks { get; set; } = [];

    public bool ReadOnly { get; set; }

    public IList<string> CapDrop { get; set; } = [];

    public IList<string> SecurityOpt { get; set; } = [];

    public string StopGracePeriod { get; set; } = "";

    public IList<ComposeSource> Secrets { get; set; } = [];

    /// <summary>The service's address in the lab.</summary>
    public string Address => Networks["lab"]!["ipv4_address"];
}

public sealed class ComposeSource
{
    public string Source { get; set; } = "";
}

public sealed class ComposeSecret
{
    public string File { get; set; } = "";
}

public sealed class ComposeBuild
{
    public string Context { get; set; } = "";

    public string Dockerfile { get; set; } = "";
}
