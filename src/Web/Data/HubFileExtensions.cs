using Microsoft.Extensions.Options;
using NetworkProtocol.Hub;

namespace NetworkProtocol.Web.Data;

internal static class HubFileExtensions
{
    public static void AddHubFile(this IServiceCollection services) =>
        services.AddSingleton<IPostConfigureOptions<HubOptions>, HubFile>();
}
