using Microsoft.Extensions.Options;
using NetworkProtocol.Hub;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Data;

/// <summary>
/// Puts the hub's store and its buffer for the next hub into the data folder, unless the settings say where they are. The data folder's
/// setting is read as it stands: the options of another section would report their own errors here once more.
/// </summary>
internal sealed class HubFile(IConfiguration configuration) : IPostConfigureOptions<HubOptions>
{
    public const string FileName = "hub.db";

    private const string ForwardFolder = "forward";
    private const string DataPath = $"{AdminOptions.Section}:{nameof(AdminOptions.DataPath)}";

    public void PostConfigure(string? name, HubOptions options)
    {
        if (options.Path.Length == 0)
        {
            options.Path = Path.Combine(DataFolder.Locate(configuration[DataPath] ?? ""), FileName);
        }

        if (options.Forward.Path.Length == 0)
        {
            options.Forward.Path = Path.Combine(DataFolder.Locate(configuration[DataPath] ?? ""), ForwardFolder);
        }
    }
}
