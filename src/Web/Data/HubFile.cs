using Microsoft.Extensions.Options;
using NetworkProtocol.Hub;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Data;

/// <summary>Puts the hub's store into the data folder, unless the settings say where it is.</summary>
internal sealed class HubFile(IOptions<AdminOptions> admin) : IPostConfigureOptions<HubOptions>
{
    public const string FileName = "hub.db";

    public void PostConfigure(string? name, HubOptions options)
    {
        if (options.Path.Length == 0)
        {
            options.Path = Path.Combine(DataFolder.Locate(admin.Value.DataPath), FileName);
        }
    }
}
