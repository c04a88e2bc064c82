using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web;

/// <summary>The section <c>NetworkProtocol:Cluster</c>: the id of this node.</summary>
internal sealed class ClusterOptions
{
    public const string Section = "NetworkProtocol:Cluster";

    /// <summary>
    /// The id of this node, which is part of the keys of its connections (<c>web-1/42</c>). Each node must have its own id. 1 to 128
    /// letters, digits, dots, underscores, hyphens and colons. Empty: the host's name, with the protocol's port unless the port is 8443.
    /// </summary>
    [Shown]
    public string NodeId { get; set; } = "";
}

/// <summary>Checks <see cref="ClusterOptions"/>.</summary>
internal sealed class ClusterOptionsValidator : IValidateOptions<ClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterOptions options) =>
        options.NodeId.Length == 0 || ConnectionKey.IsNode(options.NodeId) ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail(
            $"{ClusterOptions.Section}:NodeId = {options.NodeId}: must be 1 to 128 letters, digits, dots, underscores, hyphens and colons, "
                + "as web-1, and not . or ..");
}
