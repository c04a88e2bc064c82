using System.CommandLine;

namespace NetworkProtocol.Cli.Node;

/// <summary>Which series of a hub.</summary>
internal sealed class HubTopicOptions
{
    private readonly Option<string?> _source = HubSourceOption.Create();
    private readonly Option<string?> _topic = new("--topic") { Description = "Only of this topic and of the topics below it" };

    /// <summary>Adds the options to a command.</summary>
    public HubTopicOptions(Command command)
    {
        command.Add(_source);
        command.Add(_topic);
    }

    /// <summary>The source, or null.</summary>
    public string? Source(ParseResult parsed) => parsed.GetValue(_source);

    /// <summary>The topic, or null.</summary>
    public string? Topic(ParseResult parsed) => parsed.GetValue(_topic);
}
