using Microsoft.AspNetCore.Components;

namespace NetworkProtocol.Web.Components.Parts;

/// <summary>A column of a <see cref="DataTable{TRow}"/>.</summary>
/// <param name="Title">The title of the column.</param>
/// <param name="Sort">
/// The name of the column in <see cref="NetworkProtocol.Admin.Paging.Sort"/>; null if the list cannot be sorted by it.
/// </param>
/// <param name="Cell">Renders the cell of a row.</param>
/// <param name="IsNumber">Whether the cells are numbers, which are aligned to the right.</param>
public sealed record TableColumn<TRow>(string Title, string? Sort, Func<TRow, RenderFragment> Cell, bool IsNumber = false);
